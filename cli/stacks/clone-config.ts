import { parse, stringify } from "yaml";
import { CliError } from "../errors";
import { type CloudName, fitting, localSize, type Size, sizeOf } from "./sizes";

type Values = Record<string, unknown>;
type Part = "workers" | "manager";
const PARTS: Part[] = ["workers", "manager"];

/** What is said of the hosts' sizes on the new cloud: a size's name, on local CPUSxMB. */
export type SizeWishes = Partial<Record<Part, string>>;

export interface Clone {
  /** The new stack's file. */
  text: string;
  /** What has become of settings that mean something else on the new cloud, or nothing. */
  notes: string[];
  /** What is to be set before it can come up, by commands. */
  missing: string[];
}

/** What one cloud alone, or each in its own words, knows: see program/settings/schema.ts. */
const ONLY_ON: Record<string, CloudName[]> = {
  access: ["digitalocean", "aws"],
  budget: ["digitalocean", "aws"],
  digitalocean: ["digitalocean"],
  aws: ["aws"],
  // Names of the former cloud's.
  region: [],
  image: [],
};

const key = (name: string) => `spark-swarm:${name}`;

/**
 * A stack's file for another cloud: sizes become the cheapest that have as many CPUs and as much memory, and what the
 * other cloud does not know is left out. Encrypted values stay as they are.
 *
 * @param target the new stack, for commands
 * @throws CliError when a size is not known, and not said
 */
export function cloneConfig(
  text: string,
  { target, cloud, sizes = {} }: { target: string; cloud?: CloudName; sizes?: SizeWishes },
): Clone {
  const file = (parse(text) ?? {}) as { config?: Values };
  const config: Values = { ...file.config };
  const from = (config[key("cloud")] ?? "local") as CloudName;
  const notes: string[] = [];
  const missing: string[] = [];
  if (!cloud || cloud === from) return { text, notes, missing };

  config[key("cloud")] = cloud;
  for (const part of PARTS) {
    const value = config[key(part)];
    // Workers may be a number, as Pulumi keeps it.
    const count = typeof value === "object" ? Number.NaN : Number(value);
    const given = count > 0 ? { count } : objectOf(value);
    const resized = resize(part, given, { from, to: cloud, wanted: sizes[part] });
    if (!resized) continue;
    config[key(part)] = resized.value;
    notes.push(...resized.notes);
  }
  for (const [name, clouds] of Object.entries(ONLY_ON)) {
    if (!(key(name) in config) || clouds.includes(cloud)) continue;
    delete config[key(name)];
    notes.push(`${name}: left out, it is ${from}'s own`);
  }
  const lifetime = objectOf(config[key("lifetime")]);
  if (cloud !== "digitalocean" && lifetime?.token !== undefined) {
    const { token: _, ...others } = lifetime;
    config[key("lifetime")] = others;
    notes.push("lifetime.token: left out, it is digitalocean's own");
  }
  for (const name of Object.keys(config).filter((name) => name.startsWith(`${from}:`))) {
    delete config[name];
    notes.push(`${name}: left out, it is ${from}'s own`);
  }
  if (cloud !== "local" && objectOf(config[key("access")])?.allowFrom === undefined) {
    missing.push(`pulumi config set --stack ${target} --path 'access.allowFrom[0]' ADDRESS/32`);
  }
  return { text: stringify({ ...file, config }), notes, missing };
}

/** An object, which may have been given as JSON. */
function objectOf(value: unknown): Values | undefined {
  if (typeof value === "string" && value.trim().startsWith("{")) return JSON.parse(value) as Values;
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

/** Undefined where nothing is said: then the new cloud's defaults are as good as the former's. */
function resize(
  part: Part,
  given: Values | undefined,
  { from, to, wanted }: { from: CloudName; to: CloudName; wanted?: string },
): { value: Values; notes: string[] } | undefined {
  const { size, cpus, memory, disk, spot, ...others } = given ?? {};
  const gone = Object.entries({ disk, spot }).filter(([, value]) => value !== undefined);
  const notes = gone.map(([name]) => `${part}.${name}: left out, it is ${from}'s own`);
  const sized = size !== undefined || cpus !== undefined || memory !== undefined;
  if (!sized && !wanted) return given && gone.length > 0 ? { value: others, notes } : undefined;
  const value = wanted
    ? namedSize(part, to, wanted)
    : fittingSize(part, to, {
        said: saying(given),
        has: from === "local" ? localSize(part, given ?? {}) : sizeOf(from, String(size)),
      });
  const after = Object.entries(value).map(([name, one]) => `${name} ${one}`);
  notes.unshift(`${part}: ${after.join(", ")}${sized ? `, instead of ${saying(given)}` : ""}`);
  return { value: { ...others, ...value }, notes };
}

const saying = ({ size, cpus, memory }: Values = {}): string =>
  Object.entries({ size, cpus, memory })
    .flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`))
    .join(", ");

function namedSize(part: Part, cloud: CloudName, wanted: string): Values {
  if (cloud !== "local") return { size: wanted };
  const [, cpus, memory] = /^(\d+)x(\d+)$/.exec(wanted) ?? [];
  if (!cpus)
    throw new CliError(
      "usage",
      `--${part}-size ${wanted}: on local it is CPUSxMB, such as 2x4096.`,
    );
  return { cpus: Number(cpus), memory: Number(memory) };
}

function fittingSize(
  part: Part,
  cloud: CloudName,
  { said, has }: { said: string; has?: Size },
): Values {
  if (cloud === "local" && has) return { cpus: has.cpus, memory: Math.max(2048, has.memory) };
  const found = cloud === "local" || !has ? undefined : fitting(cloud, has);
  if (found) return { size: found };
  const why = has ? "no size known here has as much" : "what that has is not known here";
  const how = cloud === "local" ? "CPUSxMB, such as 2x4096" : "the name of a size";
  throw new CliError(
    "usage",
    `${part} (${said}): ${why}. Say what it is to be on ${cloud} by --${part}-size: ${how}.`,
  );
}
