import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  output,
} from "@pulumi/pulumi";
import { stringify } from "yaml";
import { remoteScript, removalScript } from "../script";
import type { SwarmManager } from "../swarm/swarm";

export interface SwarmStackArgs {
  /** Where to deploy: a {@link Swarm} of this library, or any other one. */
  swarm: SwarmManager;
  /** The stack's name in the Swarm: its services are called NAME_SERVICE. */
  stackName: string;
  /** A Compose document of version 3.8: an object, or the text of a file. */
  compose: Input<object | string>;
  /**
   * How long its services may take to converge, seconds.
   *
   * @default 180
   */
  timeout?: number;
}

/**
 * A Compose document deployed to the Swarm. Creation and every change wait until all services run as
 * desired; otherwise they fail with the tasks' own errors and last log lines. Services that left the
 * document are removed.
 *
 * @example
 * ```ts
 * import { Config } from "@pulumi/pulumi";
 * import { SwarmStack } from "spark-swarm";
 *
 * const config = new Config();
 * const privateKey = config.requireSecret("privateKey");
 * const hostKey = config.require("hostKey");
 * new SwarmStack("web", {
 *   swarm: { connection: { host: "192.0.2.10", user: "root", privateKey, hostKey } },
 *   stackName: "web",
 *   compose: { version: "3.8", services: { web: { image: "nginx", deploy: { replicas: 2 } } } },
 * });
 * ```
 */
export class SwarmStack extends ComponentResource {
  constructor(name: string, args: SwarmStackArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:swarm:SwarmStack", name, {}, opts);
    const { swarm, stackName, timeout = 180 } = args;
    const { connection } = swarm;
    const dependsOn = swarm.ready && [swarm.ready];
    const deployed = remoteScript(
      `${name}-deploy`,
      {
        connection,
        script: join(__dirname, "deploy.sh"),
        variables: {
          SWARM: swarm.id ?? "",
          STACK: stackName,
          TIMEOUT: timeout,
          COMPOSE: output(args.compose).apply((compose) =>
            typeof compose === "string" ? compose : stringify(compose),
          ),
        },
      },
      { parent: this, dependsOn },
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
