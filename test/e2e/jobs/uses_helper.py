"""Uses a module from --py-files in driver and executors."""

from helper import twice
from pyspark.sql import SparkSession

sc = SparkSession.builder.appName("uses helper").getOrCreate().sparkContext
print(sc.parallelize(range(100), 4).map(twice).sum())
