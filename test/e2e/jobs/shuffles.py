"""Shuffles all its rows repeatedly: each round uses the output of the previous one.

    spark-swarm submit test/e2e/jobs/shuffles.py -- 400000 10

Prints a line for each round, and {"wrong": ..., "repeated": ...}: how far the result is from the
right one, and how many tasks ran more than once, since their output was lost.
"""

import json
import sys
from collections import Counter
from urllib.request import urlopen

from pyspark import SparkContext

PARTITIONS = 8
MODULUS = 1_000_003


def moved(row: tuple[int, str], step: int) -> tuple[int, str]:
    """The row with another key, so that it moves to another partition."""
    key, text = row
    return (key * 7 + step) % MODULUS, text


def expected(rows: int, rounds: int) -> int:
    """The sum of all keys after the last round."""
    keys = range(rows)
    for step in range(rounds):
        keys = [(key * 7 + step) % MODULUS for key in keys]
    return sum(keys)


def repeated(context: SparkContext) -> int:
    """How many tasks ran more than once, by Spark's records of each stage."""
    stages = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages"
    done, needed = Counter(), {}
    with urlopen(stages, timeout=30) as answer:
        for stage in json.load(answer):
            done[stage["stageId"]] += stage["numCompleteTasks"]
            if stage["attemptId"] == 0:
                needed[stage["stageId"]] = stage["numTasks"]
    return sum(max(0, done[stage] - count) for stage, count in needed.items())


def main() -> None:
    rows, rounds = int(sys.argv[1]), int(sys.argv[2])
    context = SparkContext(appName="shuffles")
    rdd = context.range(rows, numSlices=PARTITIONS).map(lambda n: (n, f"{n:040d}"))
    for step in range(rounds):
        rdd = rdd.map(lambda row, step=step: moved(row, step)).partitionBy(PARTITIONS)
        found = rdd.keys().sum()
        print(f"round {step + 1} of {rounds}", flush=True)
    result = {"wrong": found - expected(rows, rounds), "repeated": repeated(context)}
    print(json.dumps(result), flush=True)
    context.stop()


if __name__ == "__main__":
    main()
