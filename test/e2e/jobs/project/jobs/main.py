"""Uses a module next to it and a package one folder up, on executors."""

from cleaning import trimmed
from pyspark.sql import SparkSession
from shared.units import miles_to_km

sc = SparkSession.builder.appName("several modules").getOrCreate().sparkContext
miles = sc.parallelize([" 1", "2 "], 2).map(trimmed).map(float)
print([round(kilometres, 1) for kilometres in miles.map(miles_to_km).collect()])
