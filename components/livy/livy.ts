import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { driverStack } from "../spark/driver-stack";
import { type ShareArgs, shareOf } from "../spark/share";
import type { Spark } from "../spark/spark";

/** Including the share of the cluster for each session. */
export interface LivyArgs extends ShareArgs {
  spark: Spark;
  /** The reference of an image made from images/livy. */
  image: string;
}

/**
 * Apache Livy on the manager: sessions, statements and batches over REST, each session and batch a driver with its
 * share of the cluster. At http://livy:8998 on the overlay, without a password.
 */
export class Livy extends ComponentResource {
  constructor(name: string, args: LivyArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:livy:Livy", name, {}, opts);
    const { spark, image } = args;
    driverStack(
      name,
      {
        spark,
        image,
        stackName: "livy",
        environment: shareOf(args),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
