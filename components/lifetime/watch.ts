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
   * A folder in a bucket of the cluster's S3. Before the machines end, `/data/keep` of the store is copied to a new
   * folder in it, named after the stack and the manager's creation time. The machines stay while that fails.
   *
   * @default not copied
   */
  archive?: string;
}

/**
 * A watcher on the manager that ends all machines when their time is over or when they have been idle for a while. With
 * neither limit there is no watcher.
 */
export class LifetimeWatch extends ComponentResource {
  /**
   * When the manager was created, ISO 8601. A new manager restarts the cluster's time, since the former one may have
   * ended itself long before.
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
            // Jobs cannot read a path with a colon.
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
          "lifetime: without lifetime.token, the machines keep costing money after their lifetime. Run 'npx spark-swarm reap' regularly (a cron job, CI), or set a token that may delete droplets: pulumi config set --secret --path lifetime.token TOKEN",
        );
      }
    }
    this.registerOutputs({ since: this.since });
  }
}
