import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { type Allocation, lastingSettings } from "../spark/allocation";
import { driverStack } from "../spark/driver-stack";
import { ELASTIC } from "../spark/share";
import type { Spark } from "../spark/spark";

/** A Spark Connect server on the manager, for DataFrames from outside: sc://connect:15002 on the overlay. */
export class Connect extends ComponentResource {
  constructor(
    name: string,
    args: { spark: Spark; image: string; allocation: Allocation },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:connect:Connect", name, {}, opts);
    const { allocation, ...rest } = args;
    const elastic = Object.entries(ELASTIC).map((setting) => setting.join("="));
    const settings = [...elastic, ...lastingSettings(allocation)];
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
