export type CloudName = "local" | "digitalocean" | "aws";

/** What a host has; memory in MB. */
export interface Size {
  cpus: number;
  memory: number;
}

/** A host of a stack that does not say its size: see components/settings/schema.ts. */
const LOCAL = {
  workers: { cpus: 1, memory: 2048 },
  manager: { cpus: 1, memory: 3072 },
};

const size = (name: string, cpus: number, gigabytes: number) => ({
  name,
  cpus,
  memory: gigabytes * 1024,
});

/**
 * The sizes that a host of another cloud may become, cheapest first. slugs.do-api.dev, aws.amazon.com/ec2/pricing
 */
const SIZES = {
  digitalocean: [
    size("s-1vcpu-2gb", 1, 2),
    size("s-2vcpu-2gb", 2, 2),
    size("s-2vcpu-4gb", 2, 4),
    size("s-4vcpu-8gb", 4, 8),
    size("m-2vcpu-16gb", 2, 16),
    size("s-8vcpu-16gb", 8, 16),
    size("m-4vcpu-32gb", 4, 32),
    size("m-8vcpu-64gb", 8, 64),
  ],
  aws: [
    size("t3.small", 2, 2),
    size("t3.medium", 2, 4),
    size("t3.large", 2, 8),
    size("r7i.large", 2, 16),
    size("t3.xlarge", 4, 16),
    size("r7i.xlarge", 4, 32),
    size("t3.2xlarge", 8, 32),
    size("r7i.2xlarge", 8, 64),
  ],
};

/** Sizes of EC2 that are no choice of ours, but whose meaning is in their names: memory in GB for each large. */
const FAMILIES = { c: 4, m: 8, r: 16 };
const T_SIZES: Record<string, Size> = {
  small: { cpus: 2, memory: 2048 },
  medium: { cpus: 2, memory: 4096 },
  large: { cpus: 2, memory: 8192 },
  xlarge: { cpus: 4, memory: 16384 },
  "2xlarge": { cpus: 8, memory: 32768 },
};

/** What a size of a cloud has, by its name; undefined when the name does not tell. */
export function sizeOf(cloud: "digitalocean" | "aws", name: string): Size | undefined {
  if (cloud === "digitalocean") {
    const [, cpus, gigabytes] = /-(\d+)vcpu-(\d+)gb(?:-|$)/.exec(name) ?? [];
    return cpus ? { cpus: Number(cpus), memory: Number(gigabytes) * 1024 } : undefined;
  }
  const burstable = /^t(?:3|3a|4g)\.(\w+)$/.exec(name);
  if (burstable) return T_SIZES[burstable[1] ?? ""];
  const [, family, times, large] = /^([cmr])\d\w*\.(?:(\d*)x)?(large)$/.exec(name) ?? [];
  if (!large) return undefined;
  const larges = times === undefined ? 1 : 2 * Number(times || 1);
  const gigabytes = FAMILIES[family as keyof typeof FAMILIES] * larges;
  return { cpus: 2 * larges, memory: gigabytes * 1024 };
}

/** The cheapest size of a cloud that has as much; undefined when none is large enough. */
export function fitting(cloud: "digitalocean" | "aws", { cpus, memory }: Size): string | undefined {
  return SIZES[cloud].find((one) => one.cpus >= cpus && one.memory >= memory)?.name;
}

/** A local host of these limits, of which some may be missing. */
export function localSize(part: "workers" | "manager", given: Record<string, unknown>): Size {
  const { cpus = LOCAL[part].cpus, memory = LOCAL[part].memory } = given;
  return { cpus: Number(cpus), memory: Number(memory) };
}
