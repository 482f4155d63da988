export type CloudName = "local" | "digitalocean" | "aws";

/** What a host has; memory in MB. */
export interface Size {
  cpus: number;
  memory: number;
}

/** A host of a stack that does not say its size: see program/settings/schema.ts. */
const LOCAL = {
  workers: { cpus: 1, memory: 2048 },
  manager: { cpus: 1, memory: 3072 },
};

/** The sizes that a host of another cloud may become, cheapest first. slugs.do-api.dev, aws.amazon.com/ec2/pricing */
const CHOICE = {
  digitalocean: [
    "s-1vcpu-2gb",
    "s-2vcpu-2gb",
    "s-2vcpu-4gb",
    "s-4vcpu-8gb",
    "m-2vcpu-16gb",
    "s-8vcpu-16gb",
    "m-4vcpu-32gb",
    "m-8vcpu-64gb",
  ],
  aws: [
    "t3.small",
    "t3.medium",
    "t3.large",
    "r7i.large",
    "t3.xlarge",
    "r7i.xlarge",
    "t3.2xlarge",
    "r7i.2xlarge",
  ],
};

/** What EC2's names mean. Of these families a large has two CPUs and so many GB; the burstable ones have no rule. */
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
  return CHOICE[cloud].find((name) => {
    const size = sizeOf(cloud, name);
    return size && size.cpus >= cpus && size.memory >= memory;
  });
}

/** A local host of these limits, of which some may be missing. */
export function localSize(part: "workers" | "manager", given: Record<string, unknown>): Size {
  const { cpus = LOCAL[part].cpus, memory = LOCAL[part].memory } = given;
  return { cpus: Number(cpus), memory: Number(memory) };
}
