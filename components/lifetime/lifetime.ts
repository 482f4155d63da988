import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  log,
  type Output,
  unsecret,
} from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { localScript, remoteScript, scriptText } from "../script";

export interface LifetimeArgs {
  hosts: Hosts;
  /** Seconds after which the cluster ends. Undefined: never. */
  ttl?: number;
  /** Seconds without activity after which it ends. Undefined: never. */
  idle?: number;
}

/**
 * The end of a cluster: a watcher on the manager ends all machines when their time is over or nobody has used
 * them for a while. What it is to do is in the state from the beginning, so that `spark-swarm reap` finds
 * expired clusters that were never finished.
 */
export class Lifetime extends ComponentResource {
  /** When the cluster was first made, ISO 8601. */
  readonly since: Output<string>;

  constructor(name: string, args: LifetimeArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:lifetime:Lifetime", name, {}, opts);
    const { hosts, ttl, idle } = args;
    const clock = localScript(
      `${name}-since`,
      { script: join(__dirname, "since.sh"), logged: false },
      { parent: this, ignoreChanges: ["create", "update", "stdin"] },
    );
    this.since = unsecret(clock.stdout);
    const ends = ttl !== undefined || idle !== undefined;
    if (ends) this.watch(name, args);
    if (ends && !hosts.end) {
      log.warn(
        "lifetime: without lifetime.token the machines go on costing money after their time. Run 'npx spark-swarm reap' regularly (a cron job, CI), or give a token that may delete droplets: pulumi config set --secret --path lifetime.token TOKEN",
      );
    }
    this.registerOutputs({
      since: this.since,
      ttl: ttl ?? null,
      idle: idle ?? null,
      endsItself: ends && hosts.end !== undefined,
    });
  }

  private watch(name: string, { hosts, ttl, idle }: LifetimeArgs): void {
    remoteScript(
      `${name}-watch`,
      {
        connection: hosts.manager.connection,
        script: join(__dirname, "install.sh"),
        variables: {
          MANAGER: hosts.manager.id,
          TTL: ttl ?? "",
          IDLE: idle ?? "",
          END: hosts.end ?? "",
          LIFETIME: scriptText(join(__dirname, "lifetime.sh"), {}),
        },
        remove: scriptText(join(__dirname, "remove.sh"), {}),
      },
      { parent: this, deletedWith: hosts.manager.resource },
    );
  }
}
