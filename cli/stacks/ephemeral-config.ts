import { parse, stringify } from "yaml";
import { EPHEMERAL_HOURS } from "./ephemeral-stacks";

/** Settings of an ephemeral cluster that differ from its cloud's stack. */
export interface Overrides {
  cloud: string;
  /** Their number. */
  workers?: number;
  /** The only addresses, as CIDRs, that may reach it. */
  allowFrom?: string[];
  /** The hosts' image. */
  image?: string;
}

type StackFile = { config?: Record<string, unknown> };

const read = (text = ""): StackFile => (parse(text) ?? {}) as StackFile;
const key = (name: string) => `spark-swarm:${name}`;

/** An object of the configuration; empty when it is missing or no object. */
function part({ config }: StackFile, name: string): Record<string, unknown> {
  const value = config?.[key(name)];
  return typeof value === "object" ? { ...value } : {};
}

/** Whether `access.allowFrom`, which clouds require, is still missing. */
export function needsAddress(cloudFile: string | undefined, cloud: string): boolean {
  return cloud !== "local" && part(read(cloudFile), "access").allowFrom === undefined;
}

/**
 * An ephemeral stack's file, based on that of its cloud's stack if it exists, including secrets and the salt to read
 * them.
 */
export function ephemeralConfig(cloudFile: string | undefined, overrides: Overrides): string {
  const file = read(cloudFile);
  const sized = typeof file.config?.[key("workers")] === "object";
  const { cloud, workers, allowFrom, image } = overrides;
  const config = {
    ...file.config,
    [key("cloud")]: cloud,
    [key("lifetime")]: { ttl: `${EPHEMERAL_HOURS}h`, ...part(file, "lifetime") },
    ...(workers && {
      [key("workers")]: sized ? { ...part(file, "workers"), count: workers } : workers,
    }),
    ...(allowFrom && { [key("access")]: { ...part(file, "access"), allowFrom } }),
    ...(image && { [key("image")]: image }),
  };
  return stringify({ ...file, config });
}
