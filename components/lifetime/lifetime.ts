import { join } from "node:path";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { localScript } from "../script";

export interface LifetimeArgs {
  /** Seconds after which the cluster ends. Undefined: never. */
  ttl?: number;
  /** Seconds without activity after which it ends. Undefined: never. */
  idle?: number;
}

/**
 * How long a cluster is to live, on record: in the state before the first machine and until the last one has
 * gone, so that `spark-swarm reap` finds expired clusters that were never finished, or not quite destroyed.
 * {@link LifetimeWatch} keeps to it.
 */
export class Lifetime extends ComponentResource {
  /** When the cluster was first made, ISO 8601. */
  readonly since: Output<string>;

  constructor(name: string, { ttl, idle }: LifetimeArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:lifetime:Lifetime", name, {}, opts);
    const clock = localScript(
      `${name}-since`,
      { script: join(__dirname, "since.sh") },
      { parent: this, ignoreChanges: ["create", "update", "stdin"] },
    );
    this.since = clock.stdout;
    this.registerOutputs({ since: this.since, ttl: ttl ?? null, idle: idle ?? null });
  }
}
