"""Writes rows to a path and a table, or reads them: `keep.py write|read PATH`."""

import sys

from pyspark.sql import SparkSession

verb, path = sys.argv[1:]
spark = SparkSession.builder.appName(f"keep {verb}").getOrCreate()
if verb == "write":
    rows = spark.range(1000).repartition(4)
    rows.write.parquet(path)
    rows.write.saveAsTable("kept")
print(spark.read.parquet(path).count(), spark.table("kept").selectExpr("sum(id)").first()[0])
