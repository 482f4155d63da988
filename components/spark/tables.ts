import type { SparkProperties } from "./properties";

/** The table formats: Spark's default, or one with transactions and time travel. */
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
      // Spark's own catalog, in the cluster's metastore. It knows tables of other formats too.
      [CATALOG]: "org.apache.iceberg.spark.SparkSessionCatalog",
      [`${CATALOG}.type`]: "hive",
      // With the cache a notebook would see a job's changes half a minute late.
      [`${CATALOG}.cache-enabled`]: "false",
      // Shorter than the timeout in images/spark/store/hive-site.xml, after which the writer of a commit counts as
      // dead.
      "spark.hadoop.iceberg.hive.lock-heartbeat-interval-ms": "15000",
    },
  },
  delta: {
    // With Delta up to 3.3.2, Spark 3.5.9 cannot replace a table: "does not support truncate in batch mode".
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

/** Spark's properties that make this the format of tables that name none, in SQL and in programs. */
export function tableDefaults(format: TableFormat): SparkProperties {
  return { ...formats[format].properties, "spark.sql.sources.default": format };
}
