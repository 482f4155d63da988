"""Uses, in driver and executors, a module that comes by --py-files."""

from helper import twice
from pyspark.sql import SparkSession

sc = SparkSession.builder.appName("uses helper").getOrCreate().sparkContext
print(sc.parallelize(range(100), 4).map(twice).sum())
