"""Says a line every half second, ten in all, so that one can see output come as it is made."""

import time

from pyspark.sql import SparkSession

SparkSession.builder.appName("ticks").getOrCreate()
for tick in range(10):
    print(f"tick {tick}", flush=True)
    time.sleep(0.5)
