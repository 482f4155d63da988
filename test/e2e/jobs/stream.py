"""Counts up in micro-batches, into the table `streamed`: `stream.py BATCHES`.

Continues where a former run ended. Prints "batch N" after each; the last line is how many rows the
table has, how many are distinct, and the largest.
"""

import sys
import time

from pyspark.sql import SparkSession

CHECKPOINT = "/data/checkpoints/streamed"

spark = (
    SparkSession.builder.appName("stream").config("spark.sql.shuffle.partitions", 2).getOrCreate()
)
numbers = (
    spark.readStream.format("rate-micro-batch")
    .option("rowsPerBatch", 100)
    .load()
    # The values seen so far are state, which is in the checkpoint too.
    .dropDuplicates(["value"])
)
query = (
    numbers.writeStream.option("checkpointLocation", CHECKPOINT)
    .trigger(processingTime="1 second")
    .toTable("streamed")
)
last = -1
while query.isActive and last < int(sys.argv[1]):
    progress = query.lastProgress
    if progress and progress["batchId"] > last:
        last = progress["batchId"]
        print(f"batch {last}", flush=True)
    time.sleep(0.2)
if error := query.exception():
    raise error
query.stop()
rows = spark.table("streamed").selectExpr("count(*)", "count(DISTINCT value)", "max(value)").first()
print(*rows)
