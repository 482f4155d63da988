import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { LivySettings } from "../settings/services";
import { driverStack } from "../spark/driver-stack";
import { shareOf } from "../spark/share";
import type { Spark } from "../spark/spark";

/**
 * Apache Livy on the manager: sessions, statements and batches over REST, each session and batch a driver with its
 * share of the cluster. At http://livy:8998 on the overlay, without a password.
 */
export class Livy extends ComponentResource {
  constructor(
    name: string,
    args: { spark: Spark; image: string; settings: LivySettings },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:livy:Livy", name, {}, opts);
    const { spark, image, settings } = args;
    driverStack(
      name,
      {
        spark,
        image,
        stackName: "livy",
        environment: shareOf(settings),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
