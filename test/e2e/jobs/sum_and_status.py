"""Prints a sum that executors compute, and ends with a status: `sum_and_status.py STATUS`."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("sum and status").getOrCreate()
print(spark.range(10_001).groupBy().sum().first()[0], flush=True)
spark.stop()
raise SystemExit(int(sys.argv[1]))
