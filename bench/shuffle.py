"""A job that is all shuffle: joins, groups and sorts generated rows, a few hundred MB of them.

    spark-swarm submit bench/shuffle.py -- 4000000

Prints {"seconds": ..., "checksum": ...}: its wall time after a warm-up, and a number that depends
on every row and not on where or in what order it was worked on.
"""

import json
import sys
import time

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f


def generated(spark: SparkSession, rows: int, salt: int) -> DataFrame:
    """Rows with a key that about four others have, and 40 characters that do not compress."""
    row = f.col("id")
    return spark.range(rows).select(
        f.pmod(f.xxhash64(row, f.lit(salt)), f.lit(rows // 4)).alias("key"),
        f.substring(f.sha2(f.concat_ws("-", row, f.lit(salt)), 256), 1, 40).alias("text"),
    )


def work(spark: SparkSession, rows: int) -> int:
    left = generated(spark, rows, 1)
    right = generated(spark, rows // 4, 2).withColumnRenamed("text", "other")
    joined = left.join(right, "key")
    groups = joined.groupBy("text").agg(f.count("*").alias("n"), f.max("other").alias("last"))
    # Small enough each that their sum is exact.
    part = f.pmod(f.xxhash64("text", "n", "last"), f.lit(1_000_003))
    checksum = groups.agg(f.sum(part)).first()[0]
    left.orderBy("text").write.format("noop").mode("overwrite").save()
    return checksum


def main() -> None:
    rows = int(sys.argv[1])
    spark = SparkSession.builder.appName("bench-shuffle").getOrCreate()
    work(spark, rows // 10)
    begin = time.monotonic()
    checksum = work(spark, rows)
    print(json.dumps({"seconds": time.monotonic() - begin, "checksum": checksum}))
    spark.stop()


if __name__ == "__main__":
    main()
