# /// script
# requires-python = ">=3.9"
# dependencies = ["humanize==4.9.0"]
# ///
"""Formats sizes in readable form, with a package that the cluster does not have.

The result has each number of bytes and its formatted size, which executors create.
"""

import json

import humanize
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

SIZES = [1000, 2_000_000]


def main() -> None:
    spark = SparkSession.builder.appName("sizes").getOrCreate()
    named = udf(humanize.naturalsize)
    sizes = spark.createDataFrame([(size,) for size in SIZES], ["size"])
    rows = sizes.select("size", named("size"))
    print(json.dumps({size: name for size, name in rows.collect()}))


if __name__ == "__main__":
    main()
