"""Allocates a gigabyte or more than is available: `hungry.py WHOSE BYTES`."""

import sys

from pyspark.sql import SparkSession

whose, size = sys.argv[1], int(sys.argv[2])
spark = SparkSession.builder.appName("hungry").getOrCreate()
if whose == "python-of-driver":
    print(len(bytearray(size)))
elif whose == "java-of-driver":
    # The driver computes an expression of constants.
    spark.sql(f"select length(repeat('x', {size}))").show()
elif whose == "python-of-executors":
    tasks = spark.sparkContext.parallelize(range(2), 2)
    print(tasks.map(lambda _: len(bytearray(size))).collect())
elif whose == "java-of-executors":
    spark.range(2).selectExpr(f"length(repeat('x', cast(id + {size} as int)))").show()
