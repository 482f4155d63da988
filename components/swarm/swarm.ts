import { join } from "node:path";
import type { remote } from "@pulumi/command";
import {
  all,
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { NETWORK, SUBNET } from "../facts";
import { HOST_LIBRARY } from "../hosts/bootstrap";
import { AWAITED_HOSTS, type Hosts } from "../hosts/contract";
import { remoteScript } from "../script";

/** A Swarm, as a deployment to it needs it. */
export interface SwarmManager {
  /** How to reach one of its managers by SSH; the user may run `docker` there. `hostKey` is required. */
  connection: remote.CommandArgs["connection"];
  /**
   * Changes when the Swarm is replaced: everything on it is then deployed again.
   *
   * @default none
   */
  id?: Input<string>;
  /**
   * What must exist first. Stacks are not removed from a Swarm that is deleted with this resource.
   *
   * @default none
   */
  ready?: Resource;
}

export interface SwarmArgs {
  /** The hosts that form it. */
  hosts: Hosts;
  /**
   * How long the hosts may take to join, in seconds: a container takes a few seconds, a cloud's machine that installs
   * Docker two minutes.
   *
   * @default 300
   */
  joinTimeout?: number;
}

/**
 * The Docker Swarm that the hosts form by themselves. Waits for it, removes nodes whose host was deleted, and creates
 * its overlay network.
 *
 * @example
 * ```ts
 * import { Swarm } from "spark-swarm";
 * import { LocalHosts } from "spark-swarm/local";
 *
 * const hosts = new LocalHosts("lab", {
 *   manager: { cpus: 1, memory: 2048 },
 *   workers: { count: 2, cpus: 1, memory: 2048 },
 *   images: [],
 * });
 * export const swarm = new Swarm("lab-swarm", { hosts });
 * ```
 */
export class Swarm extends ComponentResource implements SwarmManager {
  /** Changes when the manager, and with it the Swarm, is replaced. */
  readonly id: Output<string>;
  /** For commands on the manager. */
  readonly connection: Hosts["manager"]["connection"];
  /**
   * Created when all hosts are ready nodes and the network exists. What is in the Swarm is deleted with this resource,
   * and not with the manager's: that one leaves the state when a refresh finds the machine deleted.
   */
  readonly ready: Resource;

  constructor(name: string, args: SwarmArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:swarm:Swarm", name, {}, opts);
    const { manager, workers } = args.hosts;
    const { joinTimeout = 300 } = args;
    this.id = manager.id;
    this.connection = manager.connection;
    const expected = all([manager, ...workers].map((host) => interpolate`${host.name} ${host.id}`));
    this.ready = remoteScript(
      `${name}-form`,
      {
        connection: this.connection,
        script: join(__dirname, "form.sh"),
        variables: {
          EXPECTED: expected.apply((lines) => lines.join("\n")),
          TIMEOUT: joinTimeout,
          OWN: interpolate`${HOST_LIBRARY}/${manager.id}`,
          NETWORK,
          SUBNET,
          AWAITED: AWAITED_HOSTS,
        },
        // Another manager has another Swarm: the former one was deleted with its manager.
        triggers: [manager.id],
      },
      { parent: this, dependsOn: manager.boot },
    );
    this.registerOutputs({});
  }
}
