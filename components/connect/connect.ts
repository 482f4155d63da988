import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { type Allocation, lastingSettings } from "../spark/allocation";
import { driverStack } from "../spark/driver-stack";
import type { Spark } from "../spark/spark";

/** An idle server gives its executors back. */
const ELASTIC = [
  "spark.dynamicAllocation.enabled=true",
  "spark.dynamicAllocation.shuffleTracking.enabled=true",
  "spark.dynamicAllocation.executorIdleTimeout=60s",
  "spark.dynamicAllocation.shuffleTracking.timeout=10min",
  "spark.dynamicAllocation.cachedExecutorIdleTimeout=1h",
];

/** A Spark Connect server on the manager, for DataFrames from outside: sc://connect:15002 on the overlay. */
export class Connect extends ComponentResource {
  constructor(
    name: string,
    args: { spark: Spark; image: string; allocation: Allocation },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:connect:Connect", name, {}, opts);
    const { allocation, ...rest } = args;
    const settings = [...ELASTIC, ...lastingSettings(allocation)];
    driverStack(
      name,
      {
        ...rest,
        stackName: "connect",
        command: [
          ...["spark-submit", "--name", "Spark Connect"],
          ...["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"],
          ...settings.flatMap((setting) => ["--conf", setting]),
          "spark-internal",
        ],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
