"""Does a little of everything that jobs do, to load their classes: `everything.py FOLDER`."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

folder = sys.argv[1]
spark = SparkSession.builder.enableHiveSupport().getOrCreate()
rows = spark.range(100).select(col("id"), (col("id") % 7).alias("kind"), col("id").cast("string"))
rows = rows.toDF("id", "kind", "name").withColumn("twice", udf(lambda n: 2 * n, "long")("id"))
for kind in ("parquet", "csv", "json"):
    rows.write.format(kind).save(f"{folder}/{kind}")
    found = spark.read.schema(rows.schema).format(kind).load(f"{folder}/{kind}")
    found.join(rows, "id").groupBy(rows.kind).sum("id").orderBy("kind").collect()
rows.write.partitionBy("kind").saveAsTable("everything")
spark.sql("SELECT count(*), max(name) FROM everything WHERE kind = 3").collect()
spark.sparkContext.parallelize(range(10), 2).map(lambda n: (n % 3, n)).reduceByKey(max).collect()
# And the cluster's own parts.
deploy = "org.apache.spark.deploy"
for name in (
    f"{deploy}.master.Master",
    f"{deploy}.worker.Worker",
    f"{deploy}.client.StandaloneAppClient",
    f"{deploy}.history.FsHistoryProvider",
    "org.apache.spark.executor.CoarseGrainedExecutorBackend",
    "org.apache.spark.scheduler.cluster.StandaloneSchedulerBackend",
):
    spark.sparkContext._jvm.java.lang.Class.forName(name)
spark.stop()
