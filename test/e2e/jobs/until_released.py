"""Computes until the file /data/PATH appears: `until_released.py PATH`.

Each round is one job of small tasks on data that is cached in the executors and shuffled. Prints
"round N" after each. The last line is JSON: the number of `rounds`, and of those with a `wrong`
sum.
"""

import json
import pathlib
import sys
import time

from pyspark.sql import SparkSession

ROWS = 100_000
GROUPS = 50


def slowly(rows):
    time.sleep(0.5)
    yield from rows


spark = SparkSession.builder.appName("until released").getOrCreate()
sc = spark.sparkContext
numbers = sc.parallelize(range(ROWS), 6).map(lambda number: (number % GROUPS, number)).cache()
sums = numbers.mapPartitions(slowly).reduceByKey(lambda a, b: a + b, 3)
expected = sum(range(ROWS))

released = pathlib.Path("/data") / sys.argv[1]
rounds = wrong = 0
while True:
    # Read before the round: at least one whole round follows whatever happened before the file
    # appeared.
    last = released.exists()
    if sums.map(lambda pair: pair[1]).sum() != expected:
        wrong += 1
    # A new shuffle for each round: that of the previous round would be reused unless its files were
    # lost with a host.
    sums = numbers.mapPartitions(slowly).reduceByKey(lambda a, b: a + b, 3)
    rounds += 1
    print(f"round {rounds}", flush=True)
    if last:
        break
spark.stop()
print(json.dumps({"rounds": rounds, "wrong": wrong}))
