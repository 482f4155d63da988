import { namedSizes, type Size } from "../sizes";

/** aws.amazon.com/ec2/pricing */
const CHOICE = [
  "t3.small",
  "t3.medium",
  "t3.large",
  "r7i.large",
  "t3.xlarge",
  "r7i.xlarge",
  "t3.2xlarge",
  "r7i.2xlarge",
];

/** GB for two CPUs in these families; the burstable ones have no rule. */
const FAMILIES = { c: 4, m: 8, r: 16 };
const BURSTABLE: Record<string, Size> = {
  small: { cpus: 2, memory: 2048 },
  medium: { cpus: 2, memory: 4096 },
  large: { cpus: 2, memory: 8192 },
  xlarge: { cpus: 4, memory: 16384 },
  "2xlarge": { cpus: 8, memory: 32768 },
};

function named(name: string): Size | undefined {
  const burstable = /^t(?:3|3a|4g)\.(\w+)$/.exec(name);
  if (burstable) return BURSTABLE[burstable[1] ?? ""];
  const [, family, times, large] = /^([cmr])\d\w*\.(?:(\d*)x)?(large)$/.exec(name) ?? [];
  if (!large) return undefined;
  const larges = times === undefined ? 1 : 2 * Number(times || 1);
  const gigabytes = FAMILIES[family as keyof typeof FAMILIES] * larges;
  return { cpus: 2 * larges, memory: gigabytes * 1024 };
}

export const sizes = namedSizes(CHOICE, named);
