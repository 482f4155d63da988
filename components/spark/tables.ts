import type { SparkProperties } from "./properties";

/** What kinds of tables there are: what Spark has by itself, or a format with transactions and time travel. */
export const TABLE_FORMATS = ["parquet", "iceberg", "delta"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

const CATALOG = "spark.sql.catalog.spark_catalog";

interface Format {
  /** Maven coordinates, in the newest version for the Spark of images/spark. */
  libraries: string[];
  properties: SparkProperties;
}

const formats: Record<TableFormat, Format> = {
  parquet: { libraries: [], properties: {} },
  iceberg: {
    libraries: ["org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1"],
    properties: {
      "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
      // Spark's own catalog, which knows tables of other formats too; in the cluster's metastore.
      [CATALOG]: "org.apache.iceberg.spark.SparkSessionCatalog",
      [`${CATALOG}.type`]: "hive",
      // Else a notebook would see what a job has written half a minute later.
      [`${CATALOG}.cache-enabled`]: "false",
      // Before images/spark/store/hive-site.xml takes the writer of a commit for dead.
      "spark.hadoop.iceberg.hive.lock-heartbeat-interval-ms": "15000",
    },
  },
  delta: {
    // Up to 3.3.2 Spark 3.5.9 cannot replace a table with it: "does not support truncate in batch mode".
    libraries: ["io.delta:delta-spark_2.12:3.3.3"],
    properties: {
      "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
      [CATALOG]: "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    },
  },
};

/** The libraries that tables of a format need, as Maven coordinates. */
export function tableLibraries(format: TableFormat): string[] {
  return formats[format].libraries;
}

/** Spark's properties by which a table that names no format has this one, in SQL and in programs alike. */
export function tableDefaults(format: TableFormat): SparkProperties {
  return { ...formats[format].properties, "spark.sql.sources.default": format };
}
