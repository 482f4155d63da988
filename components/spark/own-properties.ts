/**
 * Spark's properties that only the cluster may set, and why: store.ts, s3.ts, event-log.ts, images/spark/entrypoint.sh
 * and the images of workloads set them. A name that ends in `*` stands for all names with that prefix. Other properties
 * that those set, such as time limits, are defaults that users may override.
 */
const OWN_PROPERTIES: [names: string[], why: string][] = [
  [
    [
      "spark.master",
      "spark.master.*",
      "spark.submit.deployMode",
      "spark.deploy.*",
      "spark.worker.*",
    ],
    "the cluster has one master, and starts it and its workers itself",
  ],
  [
    ["spark.driver.host", "spark.driver.bindAddress", "spark.driver.port", "spark.local.ip"],
    "a driver is reached by its address on the cluster's network",
  ],
  [
    [
      "spark.blockManager.port",
      "spark.driver.blockManager.port",
      "spark.ui.port",
      "spark.ui.enabled",
    ],
    "several drivers are on one host, and are found by their ports",
  ],
  [["spark.connect.grpc.binding.*"], "the Connect server is found by its port"],
  [
    ["spark.authenticate", "spark.authenticate.*"],
    "Spark's processes authenticate each other with it",
  ],
  [["spark.eventLog.*", "spark.history.*"], "the history server shows what applications record"],
  [
    ["spark.metrics.conf", "spark.metrics.conf.*", "spark.ui.prometheus.enabled"],
    "the monitoring page reads Spark's metrics",
  ],
  [
    ["spark.decommission.*", "spark.storage.decommission.*"],
    "hosts hand over their data before they are removed",
  ],
  [["spark.jars.ivy", "spark.local.dir"], "hosts have a folder for it"],
  [["spark.shuffle.service.*"], "workers have no shuffle service"],
  [
    [
      "spark.hadoop.fs.defaultFS",
      "spark.hadoop.hive.metastore.*",
      "spark.sql.catalogImplementation",
    ],
    "paths and tables must be the same for all applications",
  ],
  [
    [
      "spark.hadoop.fs.s3.impl",
      "spark.hadoop.fs.s3a.aws.credentials.provider",
      "spark.hadoop.fs.s3a.committer.*",
      "spark.hadoop.mapreduce.outputcommitter.*",
      "spark.sql.sources.commitProtocolClass",
      "spark.sql.sources.outputCommitterClass",
      "spark.sql.parquet.output.committer.class",
    ],
    "other ways of reading and writing S3 can lose data",
  ],
];

/** Why only the cluster may set a property of Spark; undefined for any other property. */
export function ownProperty(name: string): string | undefined {
  return OWN_PROPERTIES.find(([names]) => names.some((own) => stands(own, name)))?.[1];
}

function stands(own: string, name: string): boolean {
  return own.endsWith("*") ? name.startsWith(own.slice(0, -1)) : name === own;
}
