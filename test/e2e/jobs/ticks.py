"""Prints a line every half second, ten in all, to show that output arrives at once."""

import time

from pyspark.sql import SparkSession

SparkSession.builder.appName("ticks").getOrCreate()
for tick in range(10):
    print(f"tick {tick}", flush=True)
    time.sleep(0.5)
