"""Writes Parquet and reads it again: `storage.py FOLDER MEGABYTES`.

Prints {"write": ..., "read": ..., "checksum": ...}: seconds after a warm-up, and a number that
depends on every row.
"""

import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

# Rows of about 100 bytes that do not compress.
ROWS_OF_A_MEGABYTE = 10_000


def main() -> None:
    folder, megabytes = sys.argv[1], int(sys.argv[2])
    spark = SparkSession.builder.appName("bench-storage").getOrCreate()

    def write(name: str, rows: int) -> float:
        texts = [f.sha2(f.concat_ws("-", f.col("id"), f.lit(salt)), 256) for salt in range(2)]
        text = f.substring(f.concat(*texts), 1, 90).alias("text")
        begin = time.monotonic()
        spark.range(rows, numPartitions=8).select("id", text).write.mode("overwrite").parquet(
            f"{folder}/{name}"
        )
        return time.monotonic() - begin

    def read(name: str) -> tuple[float, int]:
        begin = time.monotonic()
        sums = f.sum(f.pmod(f.xxhash64("id", "text"), f.lit(1_000_003)))
        checksum = spark.read.parquet(f"{folder}/{name}").agg(sums).first()[0]
        return time.monotonic() - begin, checksum

    write("warm", ROWS_OF_A_MEGABYTE * 10)
    read("warm")
    written = write("rows", ROWS_OF_A_MEGABYTE * megabytes)
    seconds, checksum = read("rows")
    print(json.dumps({"write": written, "read": seconds, "checksum": checksum}))


if __name__ == "__main__":
    main()
