import { FOLDERS, STORE } from "../facts";
import type { ComposeDocument, ComposeService } from "../swarm-stack/compose";
import type { SparkProperties } from "./properties";

/** HDFS on the cluster's hosts, with a metastore of the tables in it. */
export interface StoreArgs {
  /** How many hosts have each block. Fewer hosts have fewer copies, until others join. */
  replication: number;
  /** What stays free on each worker's disk, in GB: for shuffle files and the system. */
  reserved: number;
  /**
   * A folder in a bucket, such as `s3a://bucket/kept`, for what a cluster copies there when its lifetime ends. It is
   * created in advance, which shows that this works. It needs `s3`.
   *
   * @default none
   */
  archive?: string;
}

/** A volume on the host of each part: its data outlives the container. */
const volumes = {
  namenode: "spark_namenode",
  datanode: "spark_datanode",
  metastore: "spark_metastore",
};

/** The volume of a part of the store, as a mount of its service. */
export function storeMount(
  part: keyof typeof volumes,
): NonNullable<ComposeService["volumes"]>[number] {
  return { type: "volume", source: volumes[part], target: FOLDERS[part] };
}

/** The same in a Compose document. */
export const storeVolumes: NonNullable<ComposeDocument["volumes"]> = Object.fromEntries(
  Object.values(volumes).map((name) => [name, { name }]),
);

/**
 * Spark's properties with which drivers and executors use the store: a path without a scheme is in it, and one
 * application's tables can be read by the next.
 */
export function storeDefaults({ replication }: StoreArgs): SparkProperties {
  return {
    "spark.hadoop.fs.defaultFS": STORE,
    "spark.hadoop.dfs.replication": `${replication}`,
    // A NameNode that restarts is back within half a minute, at another address.
    "spark.hadoop.dfs.client.retry.policy.enabled": "true",
    "spark.hadoop.dfs.client.retry.policy.spec": "1000,20,5000,20",
    // A pipeline that lost a DataNode continues with the rest when there is no replacement.
    "spark.hadoop.dfs.client.block.write.replace-datanode-on-failure.best-effort": "true",
    "spark.sql.warehouse.dir": `${STORE}/warehouse`,
    "spark.sql.catalogImplementation": "hive",
    // A table that names no format is Parquet, as with `saveAsTable`, and not Hive's text.
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.hadoop.hive.metastore.uris": "thrift://metastore:9083",
  };
}
