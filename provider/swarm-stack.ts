// As a namespace: the TypeScript in Pulumi's SDK cannot parse type modifiers on import names.
import * as pulumi from "@pulumi/pulumi";
import { SwarmStack as Stack } from "../components/swarm-stack/swarm-stack";
import { checkArgs } from "./check-args";

/** How to reach a manager of a Swarm by SSH. */
export interface Connection {
  /** The manager's address or name. */
  host: pulumi.Input<string>;
  /** The port of its SSH server. Default: 22. */
  port?: pulumi.Input<number>;
  /** A user who may run `docker`. Default: root. */
  user?: pulumi.Input<string>;
  /** The private SSH key that this user accepts, in OpenSSH's format. */
  privateKey: pulumi.Input<string>;
  /** The manager's public SSH host key, such as `ssh-ed25519 AAAA…`: no other host is trusted. */
  hostKey: pulumi.Input<string>;
}

export interface SwarmStackArgs {
  /** How to reach a manager of the Swarm. */
  connection: pulumi.Input<Connection>;
  /** The Swarm's id. Another id is another Swarm, on which the stack is deployed again. Default: none. */
  swarmId?: pulumi.Input<string>;
  /** The stack's name in the Swarm: its services are called NAME_SERVICE. */
  stackName: string;
  /** A Compose document: an object, or the text of a file. */
  compose: ReturnType<typeof JSON.parse>;
  /** How long its services may take to converge, in seconds. Default: 180. */
  timeout?: number;
}

/**
 * A Compose document, deployed to a Docker Swarm. Creation and every change wait until all services run as desired;
 * otherwise they fail with the tasks' own errors and last log lines.
 */
export class SwarmStack extends pulumi.ComponentResource {
  constructor(name: string, args: SwarmStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spark-swarm:index:SwarmStack", name, {}, opts);
    const { connection, swarmId, stackName, compose, timeout } = args;
    checkArgs(`SwarmStack ${name}`, [
      [
        "stackName",
        /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(stackName),
        "must begin with a letter or digit, and have letters, digits, - and _ only",
      ],
      [
        "timeout",
        timeout === undefined || timeout > 0,
        "must be a number of seconds greater than 0",
      ],
    ]);
    new Stack(
      name,
      { swarm: { connection, id: swarmId }, stackName, compose, timeout },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
