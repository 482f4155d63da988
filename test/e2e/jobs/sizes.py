"""Uses a package that the cluster does not have, only on executors."""

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
from pyspark.sql.types import StringType


@udf(StringType())
def named(size: int) -> str:
    import humanize

    return humanize.naturalsize(size)


spark = SparkSession.builder.appName("sizes").getOrCreate()
print([row[0] for row in spark.range(1000, 3000, 1000).select(named("id")).collect()])
