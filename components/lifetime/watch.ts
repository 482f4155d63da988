import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  getStack,
  interpolate,
  log,
  type Output,
} from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { remoteScript, removalScript, scriptText } from "../script";
import { clock, type LifetimeArgs } from "./lifetime";

export interface LifetimeWatchArgs extends LifetimeArgs {
  hosts: Hosts;
  /**
   * A folder in a bucket of the cluster's S3, in which `/data/keep` of its store gets a folder of its own before the
   * machines end: the stack's name, and when the manager was made. The machines stay while that fails.
   *
   * @default nowhere
   */
  archive?: string;
}

/**
 * A watcher on the manager that ends all machines when their time is over, or when nobody has used them for a
 * while. Without either there is none.
 */
export class LifetimeWatch extends ComponentResource {
  /**
   * When the manager was made, ISO 8601. The cluster's time starts over with another one: it may have ended itself
   * long before.
   */
  readonly since: Output<string>;

  constructor(
    name: string,
    { hosts, ttl, idle, archive }: LifetimeWatchArgs,
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:lifetime:LifetimeWatch", name, {}, opts);
    const { manager, end } = hosts;
    this.since = clock(`${name}-manager-since`, this, manager.id);
    if (ttl !== undefined || idle !== undefined) {
      const { connection } = manager;
      const watch = remoteScript(
        `${name}-watch`,
        {
          connection,
          script: join(__dirname, "install.sh"),
          variables: {
            MANAGER: manager.id,
            TTL: ttl ?? "",
            IDLE: idle ?? "",
            END: end ?? "",
            // No job could read a path with a colon.
            ARCHIVE: archive
              ? interpolate`${archive}/${getStack()}-${this.since.apply((at) => at.replaceAll(":", ""))}`
              : "",
            LIFETIME: scriptText(join(__dirname, "lifetime.sh"), {}),
          },
        },
        { parent: this, dependsOn: manager.boot },
      );
      removalScript(
        `${name}-watch-removal`,
        { connection, script: join(__dirname, "remove.sh") },
        { parent: this, dependsOn: watch, deletedWith: manager.boot },
      );
      if (!end) {
        log.warn(
          "lifetime: without lifetime.token the machines go on costing money after their time. Run 'npx spark-swarm reap' regularly (a cron job, CI), or give a token that may delete droplets: pulumi config set --secret --path lifetime.token TOKEN",
        );
      }
    }
    this.registerOutputs({ since: this.since });
  }
}
