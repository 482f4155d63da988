import { join } from "node:path";
import { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  getStack,
  type Resource,
} from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { onHost, RUN, remoteScript, scriptText, WITHOUT_OUTPUT } from "../script";

export interface UnsavedArgs {
  hosts: Hosts;
  /** Whether there are notebooks on the manager's disk. */
  notebooks: boolean;
  /** Whether the hosts have a store. */
  store: boolean;
  /** Whether a replacement of the manager keeps its disk. */
  keepsDisk: boolean;
}

/**
 * Refuses to destroy a cluster, or to replace its manager, while it holds the only copy of something: notebooks that
 * were not pulled or pushed in their present state, files of the store that neither `copy` put there nor `get` has
 * fetched. It does not refuse if the manager does not answer. It must be deleted before anything else, so it must
 * depend on all other resources, and a manager must be deleted before it is replaced.
 */
export class Unsaved extends ComponentResource {
  constructor(
    name: string,
    { hosts: { manager }, notebooks, store, keepsDisk }: UnsavedArgs,
    opts: ComponentResourceOptions & { dependsOn: Resource[] },
  ) {
    super("spark-swarm:unsaved:Unsaved", name, {}, opts);
    const before = [...opts.dependsOn];
    if (notebooks) {
      const program = join(__dirname, "../notebook/notebooks.sh");
      before.push(
        remoteScript(
          `${name}-program`,
          {
            connection: manager.connection,
            script: join(__dirname, "../notebook/install.sh"),
            variables: { MANAGER: manager.id, PROGRAM: scriptText(program, {}) },
          },
          { parent: this, dependsOn: manager.boot },
        ),
      );
    }
    new local.Command(
      `${name}-check`,
      {
        ...WITHOUT_OUTPUT,
        create: "true",
        update: "true",
        delete: RUN,
        stdin: scriptText(join(__dirname, "unsaved.sh"), {
          ...onHost(manager.connection),
          NOTEBOOKS: notebooks ? "yes" : "",
          STORE: store ? "yes" : "",
          STACK: getStack(),
        }),
        triggers: keepsDisk ? undefined : [manager.id],
      },
      { parent: this, dependsOn: before, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
