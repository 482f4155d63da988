import { join } from "node:path";
import { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  getStack,
  type Resource,
} from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { onHost, RUN, remoteScript, scriptText } from "../script";

/**
 * Refuses, on a cloud, to destroy a cluster with notebooks that are nowhere else. A manager that does not answer is no
 * reason to refuse. To be gone before anything else is destroyed, it is to depend on all that there is.
 */
export class UnsavedNotebooks extends ComponentResource {
  constructor(
    name: string,
    { manager }: Hosts,
    opts: ComponentResourceOptions & { dependsOn: Resource[] },
  ) {
    super("spark-swarm:notebook:UnsavedNotebooks", name, {}, opts);
    const program = remoteScript(
      `${name}-program`,
      {
        connection: manager.connection,
        script: join(__dirname, "install.sh"),
        variables: {
          MANAGER: manager.id,
          PROGRAM: scriptText(join(__dirname, "notebooks.sh"), {}),
        },
      },
      { parent: this, dependsOn: manager.boot },
    );
    new local.Command(
      `${name}-check`,
      {
        create: "true",
        update: "true",
        delete: RUN,
        stdin: scriptText(join(__dirname, "unsaved.sh"), {
          ...onHost(manager.connection),
          STACK: getStack(),
        }),
      },
      { parent: this, dependsOn: [program, ...opts.dependsOn] },
    );
    this.registerOutputs({});
  }
}
