import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { localScript, MADE_ONCE } from "../script";

export interface LifetimeArgs {
  /** Seconds after which the cluster ends. Undefined: never. */
  ttl?: number;
  /** Seconds without activity after which it ends. Undefined: never. */
  idle?: number;
}

/**
 * Records how long a cluster may live: in the state before the first machine and until the last one is deleted. So
 * `spark-swarm reap` also finds expired clusters that were never finished, or only partly destroyed.
 * {@link LifetimeWatch} enforces the limits.
 */
export class Lifetime extends ComponentResource {
  /** When the cluster was first created, ISO 8601. */
  readonly since: Output<string>;

  constructor(name: string, { ttl, idle }: LifetimeArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:lifetime:Lifetime", name, {}, opts);
    this.since = clock(`${name}-since`, this);
    this.registerOutputs({ since: this.since, ttl: ttl ?? null, idle: idle ?? null });
  }
}

/**
 * When a resource of this name was first created, ISO 8601.
 *
 * @param of if given, the time at which this value last changed
 */
export function clock(name: string, parent: Resource, of?: Input<string>): Output<string> {
  const command = localScript(
    name,
    { script: join(__dirname, "since.sh"), triggers: of === undefined ? undefined : [of] },
    { parent, ignoreChanges: MADE_ONCE },
  );
  return command.stdout;
}
