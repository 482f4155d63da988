import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  output,
} from "@pulumi/pulumi";
import { stringify } from "yaml";
import { remoteScript, removalScript } from "../script";
import type { Swarm } from "../swarm/swarm";
import type { ComposeDocument } from "./compose";

export interface SwarmStackArgs {
  /** Where to deploy. */
  swarm: Swarm;
  /** The stack's name in the Swarm: its services are called NAME_SERVICE. */
  stackName: string;
  /** A Compose document (version 3.8): an object, or the text of a file. */
  compose: Input<ComposeDocument | string>;
  /** How long its services may take to converge, seconds. Default 180. */
  timeout?: number;
}

/**
 * A Compose document deployed to the Swarm. Creation and every change wait until all services run as
 * desired; otherwise they fail with the tasks' own errors and last log lines. Services that left the
 * document are removed.
 *
 * @example
 * new SwarmStack("web", { swarm, stackName: "web", compose: { services: { web: { image: "nginx" } } } });
 */
export class SwarmStack extends ComponentResource {
  constructor(name: string, args: SwarmStackArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:swarm:SwarmStack", name, {}, opts);
    const { swarm, stackName, timeout = 180 } = args;
    const { connection } = swarm;
    const deployed = remoteScript(
      `${name}-deploy`,
      {
        connection,
        script: join(__dirname, "deploy.sh"),
        variables: {
          SWARM: swarm.id,
          STACK: stackName,
          TIMEOUT: timeout,
          COMPOSE: output(args.compose).apply((compose) =>
            typeof compose === "string" ? compose : stringify(compose),
          ),
        },
      },
      { parent: this, dependsOn: swarm.ready },
    );
    removalScript(
      `${name}-removal`,
      { connection, script: join(__dirname, "remove.sh"), variables: { STACK: stackName } },
      // A stack goes with the Swarm: nothing is to be removed from a host that goes too.
      { parent: this, dependsOn: deployed, deletedWith: swarm.ready },
    );
    this.registerOutputs({});
  }
}
