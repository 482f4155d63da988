"""Estimates pi by throwing darts: `pi.py [PARTITIONS]`, by default 20 partitions.

Every partition throws 5,000,000 darts, evenly spread, at the unit square. The share of them that
lands inside the quarter circle of radius 1 is about pi / 4. The random numbers are seeded by the
partition's index, so the answer depends on the number of partitions alone, not on the cluster.

The last line printed is JSON: `pi` (the estimate) and `partitions`.
"""

import json
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

DARTS_PER_PARTITION = 5_000_000
# Spark adds a partition's index to a seed: the seeds are so far apart that x and y share none.
SEED_X = 1_000_000
SEED_Y = 2_000_000


def main() -> None:
    partitions = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    spark = SparkSession.builder.appName("pi").getOrCreate()

    darts = DARTS_PER_PARTITION * partitions
    x, y = F.rand(SEED_X), F.rand(SEED_Y)
    inside = spark.range(0, darts, 1, partitions).where(x * x + y * y <= 1).count()
    spark.stop()

    pi = 4 * inside / darts
    print(f"Pi is roughly {pi:.6f}")
    print(json.dumps({"pi": pi, "partitions": partitions}))


if __name__ == "__main__":
    main()
