"""Creates tables without naming a format, or reads them: `trips.py make|read FORMAT`."""

import sys

from pyspark.sql import SparkSession

verb, kind = sys.argv[1:]
trips, numbers = f"{kind}_trips", f"{kind}_numbers"
spark = SparkSession.builder.appName(f"trips {verb}").getOrCreate()
if verb == "make":
    given = spark.createDataFrame([(1, 2.5), (2, 7.25), (3, 1.0)], "id BIGINT, miles DOUBLE")
    given.write.mode("overwrite").saveAsTable(trips)
    spark.sql(f"UPDATE {trips} SET miles = miles * 2 WHERE id = 1")
    spark.sql(f"DELETE FROM {trips} WHERE id = 3")
    spark.sql(
        f"MERGE INTO {trips} AS old USING (SELECT 4L AS id, 1.5D AS miles) AS new"
        " ON old.id = new.id WHEN NOT MATCHED THEN INSERT *"
    )
    # Replaces an existing table, as notebooks do when they run again.
    spark.range(9).write.mode("overwrite").saveAsTable(numbers)
    spark.range(7).write.mode("overwrite").saveAsTable(numbers)
described = dict(row[:2] for row in spark.sql(f"DESCRIBE TABLE EXTENDED {trips}").collect())
snapshots = f"SELECT snapshot_id FROM default.{trips}.snapshots ORDER BY committed_at"
first = spark.sql(snapshots).first()[0] if kind == "iceberg" else 0
before = spark.sql(f"SELECT count(*) FROM {trips} VERSION AS OF {first}").first()[0]
rows = [tuple(row) for row in spark.table(trips).orderBy("id").collect()]
count = spark.table(numbers).count()
print(described["Provider"], described["Location"].removesuffix(f"/{trips}"), rows, before, count)
