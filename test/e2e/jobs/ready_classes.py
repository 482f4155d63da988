"""Prints whether the Java of driver and executors uses the class archive of their image."""

import os
from pathlib import Path

from pyspark.sql import SparkSession


def uses_them(process: int | str) -> bool:
    return "/opt/classes/spark.jsa" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


def of_executor(_: int) -> bool:
    # The parent of Python's workers is a child of the executor's Java.
    stat = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8")
    return uses_them(stat.rsplit(")", 1)[1].split()[1])


context = SparkSession.builder.getOrCreate().sparkContext
executors = context.parallelize(range(8), 8).map(of_executor).distinct().collect()
print(f"driver {uses_them(os.getppid())} executors {executors}")
