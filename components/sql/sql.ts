import { join } from "node:path";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { remoteScript } from "../script";
import { driverStack } from "../spark/driver-stack";
import { sparkDefaults } from "../spark/properties";
import { type ShareArgs, shareOf } from "../spark/share";
import type { Spark } from "../spark/spark";

/** Including its share of the cluster. */
export interface SqlArgs extends ShareArgs {
  /** A Spark with a store: the tables are those of its metastore. */
  spark: Spark;
  /** The reference of Spark's image, made with `sql`. */
  image: string;
}

/**
 * Spark's Thrift server on the manager, for SQL by JDBC, ODBC and dbt: one driver for all its clients, with a share of
 * the cluster. At sql:10000 on the overlay, without a password. Created when it answers.
 */
export class Sql extends ComponentResource {
  constructor(name: string, args: SqlArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:sql:Sql", name, {}, opts);
    const { spark, image } = args;
    const { SPARK_PROPERTIES, ...share } = shareOf(args);
    const environment = {
      ...share,
      SPARK_PROPERTIES: [SPARK_PROPERTIES, sparkDefaults(PROPERTIES)].join("\n"),
    };
    const stack = driverStack(
      name,
      {
        spark,
        image,
        stackName: "sql",
        environment,
        command: ["bash", "/usr/local/bin/spark-serve-sql"],
      },
      { parent: this },
    );
    remoteScript(
      `${name}-answers`,
      {
        connection: spark.swarm.connection,
        script: join(__dirname, "await-server.sh"),
        // It waits again after each change that restarts the server.
        variables: {
          SWARM: spark.swarm.id,
          SERVER: [image, ...Object.values(spark.secrets), JSON.stringify(environment)].join(" "),
          TIMEOUT: 120,
        },
      },
      { parent: this, dependsOn: stack },
    );
    this.registerOutputs({});
  }
}

const PROPERTIES = {
  // Results are collected in the one driver that all clients share: a result that is too large fails, and the server
  // does not.
  "spark.driver.maxResultSize": "256m",
  // Has an effect from two cores on.
  "spark.scheduler.mode": "FAIR",
  "spark.scheduler.allocation.file": "file:///usr/local/lib/spark-fair.xml",
};
