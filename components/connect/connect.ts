import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { type Allocation, lastingProperties } from "../spark/allocation";
import { driverStack } from "../spark/driver-stack";
import { sparkDefaults } from "../spark/properties";
import { ELASTIC, shareOf } from "../spark/share";
import type { Spark } from "../spark/spark";

/** Memory of an executor, in MB: Spark's own default. */
const MEMORY = 1024;

/** A Spark Connect server on the manager, for DataFrames from outside: sc://connect:15002 on the overlay. */
export class Connect extends ComponentResource {
  constructor(
    name: string,
    args: { spark: Spark; image: string; allocation: Allocation },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:connect:Connect", name, {}, opts);
    const { allocation, ...rest } = args;
    // By default everything, as programs get in that mode; otherwise a share, so that others can work too.
    const everything = allocation.mode === "maximize";
    const properties = { ...ELASTIC, ...lastingProperties(allocation) };
    driverStack(
      name,
      {
        ...rest,
        stackName: "connect",
        environment: everything
          ? { SPARK_PROPERTIES: sparkDefaults(properties) }
          : shareOf({ memory: MEMORY }),
        command: [
          ...(everything ? ["spark-submit"] : ["bash", "/usr/local/bin/spark-submit-share"]),
          ...["--name", "Spark Connect"],
          ...["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"],
          "spark-internal",
        ],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
