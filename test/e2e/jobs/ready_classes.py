"""Whether the Java of driver and executors uses the classes that their image has ready."""

import os

from pyspark.sql import SparkSession


def uses_them(process: int | str) -> bool:
    with open(f"/proc/{process}/maps", encoding="utf-8") as maps:
        return "/opt/classes/spark.jsa" in maps.read()


def of_executor(_: int) -> bool:
    # Its Java has started the process that starts Python's workers.
    with open(f"/proc/{os.getppid()}/stat", encoding="utf-8") as stat:
        return uses_them(stat.read().rsplit(")", 1)[1].split()[1])


context = SparkSession.builder.getOrCreate().sparkContext
executors = context.parallelize(range(8), 8).map(of_executor).distinct().collect()
print(f"driver {uses_them(os.getppid())} executors {executors}")
