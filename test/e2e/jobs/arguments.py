"""Prints, in ASCII, its arguments, and what driver and executors find in their directories."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

sc = SparkSession.builder.getOrCreate().sparkContext


def found(_: int) -> str:
    texts = [Path(name).read_text(encoding="utf-8") for name in ("conf/a.txt", "b 1.txt")]
    return " ".join([*texts, str(Path("conf").is_dir())])


print(ascii(sc.appName))
print(ascii(sys.argv[1:]))
print(found(0), sc.parallelize([1], 1).map(found).first())
