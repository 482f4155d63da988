import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { FOLDERS } from "../facts";
import { driverStack } from "../spark/driver-stack";
import { type ShareArgs, shareOf } from "../spark/share";
import type { Spark } from "../spark/spark";
import { swarmSecret } from "../swarm/secret";

const TOKEN = "notebook_token";

/** Including the share of the cluster for each notebook. */
export interface NotebookArgs extends ShareArgs {
  spark: Spark;
  /** The reference of an image made from images/notebook. */
  image: string;
}

/**
 * JupyterLab on the manager with kernels for Python, Scala and SQL, each of them a driver with its share of the
 * cluster. At http://notebook:8888 on the overlay; its token is generated on the manager.
 */
export class Notebook extends ComponentResource {
  constructor(name: string, args: NotebookArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:notebook:Notebook", name, {}, opts);
    const { spark, image } = args;
    const { swarm } = spark;
    const token = swarmSecret(`${name}-token`, { swarm, secretName: TOKEN }, this);
    driverStack(
      name,
      {
        spark,
        image,
        stackName: "notebook",
        environment: shareOf(args),
        secrets: [TOKEN],
        folders: { [FOLDERS.notebooks]: "/home/spark/notebooks" },
      },
      { parent: this, dependsOn: token },
    );
    this.registerOutputs({});
  }
}
