"""Twenty short stages, a minute in all: long enough for something to happen in between."""

import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("slow sum").getOrCreate()
total = 0
for number in range(20):
    numbers = spark.sparkContext.parallelize(range(4), 4)
    total += numbers.map(lambda x: (time.sleep(2), x)[1]).sum()
    print("round", number, flush=True)
print("sum", total)
