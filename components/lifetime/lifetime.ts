import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
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
    this.since = clock(`${name}-since`, this);
    this.registerOutputs({ since: this.since, ttl: ttl ?? null, idle: idle ?? null });
  }
}

/**
 * The moment at which a resource of this name was first made, ISO 8601.
 *
 * @param of where it is given, the moment at which that became what it is
 */
export function clock(name: string, parent: Resource, of?: Input<string>): Output<string> {
  const command = localScript(
    name,
    { script: join(__dirname, "since.sh"), triggers: of === undefined ? undefined : [of] },
    // A changed script does not restart the clock.
    { parent, ignoreChanges: ["create", "update", "stdin"] },
  );
  return command.stdout;
}
