"""Shuffles all its rows, again and again: each round builds on what the one before left.

    spark-swarm submit test/e2e/jobs/shuffles.py -- 400000 10

Prints a line for each round, and {"seconds": ..., "wrong": ...}: the time of all rounds, and how
far their result is from the right one.
"""

import json
import sys
import time

from pyspark import SparkContext

PARTITIONS = 8
MODULUS = 1_000_003


def moved(row: tuple[int, str], step: int) -> tuple[int, str]:
    """The row with another key, by which it goes to another partition."""
    key, text = row
    return (key * 7 + step) % MODULUS, text


def expected(rows: int, rounds: int) -> int:
    """The sum of all keys after the last round."""
    keys = range(rows)
    for step in range(rounds):
        keys = [(key * 7 + step) % MODULUS for key in keys]
    return sum(keys)


def main() -> None:
    rows, rounds = int(sys.argv[1]), int(sys.argv[2])
    context = SparkContext(appName="shuffles")
    rdd = context.range(rows, numSlices=PARTITIONS).map(lambda n: (n, f"{n:040d}"))
    begin = time.monotonic()
    for step in range(rounds):
        rdd = rdd.map(lambda row, step=step: moved(row, step)).partitionBy(PARTITIONS)
        found = rdd.keys().sum()
        print(f"round {step + 1} of {rounds} after {time.monotonic() - begin:.1f} s", flush=True)
    seconds = time.monotonic() - begin
    print(json.dumps({"seconds": seconds, "wrong": found - expected(rows, rounds)}), flush=True)
    context.stop()


if __name__ == "__main__":
    main()
