"""Copies lines from one folder of a bucket to another, by executors."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("copy in S3").getOrCreate()
source, target = sys.argv[1:]
spark.read.text(source).write.mode("overwrite").parquet(target)
print(spark.read.parquet(target).count(), "lines")
spark.stop()
