import { parse, stringify } from "yaml";
import { type CloudName, clouds } from "../../program/clouds";
import type { HostKind, Size } from "../../program/clouds/sizes";
import { knownKeys } from "../../program/settings/keys";
import { CliError } from "../errors";

type Values = Record<string, unknown>;
const HOST_KINDS: HostKind[] = ["workers", "manager"];

/** The sizes of hosts on the new cloud, if given: a name, on local CPUSxMB. */
export type SizeWishes = Partial<Record<HostKind, string>>;

export interface Clone {
  /** The new stack's file. */
  text: string;
  /** Settings that were changed or left out for the new cloud. */
  notes: string[];
  /** Commands for what must be set before it can come up. */
  missing: string[];
}

/** Settings that each cloud expresses in its own terms. */
const OWN_WORDS = ["region", "image"];

const key = (name: string) => `spark-swarm:${name}`;

/**
 * A stack's file for another cloud: sizes become the cheapest with as many CPUs and as much memory; settings that the
 * other cloud does not have are left out. Encrypted values stay as they are.
 *
 * @param target the new stack, for commands
 * @throws CliError when a size is not known, and not given
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
  for (const host of HOST_KINDS) {
    const value = config[key(host)];
    // Workers may be a number, as in Pulumi's file.
    const count = typeof value === "object" ? Number.NaN : Number(value);
    const given = count > 0 ? { count } : objectOf(value);
    const resized = resize(host, given, { from, to: cloud, wanted: sizes[host] });
    if (!resized) continue;
    config[key(host)] = resized.value;
    notes.push(...resized.notes);
  }
  const { [key("workers")]: _, [key("manager")]: __, ...others } = config;
  for (const prefixed of Object.keys(others)) {
    const name = prefixed.replace(/^spark-swarm:/, "");
    const leaveOut = (what: string) => notes.push(`${what}: left out, it is only for ${from}`);
    if (name.startsWith(`${from}:`) || OWN_WORDS.includes(name) || isForeign([name], from, cloud)) {
      delete config[prefixed];
      leaveOut(name);
      continue;
    }
    const inside = objectOf(config[prefixed]) ?? {};
    const foreign = Object.keys(inside).filter((inner) => isForeign([name, inner], from, cloud));
    if (foreign.length === 0) continue;
    config[prefixed] = without(inside, foreign);
    for (const inner of foreign) leaveOut(`${name}.${inner}`);
  }
  const needsAddress = knownKeys(clouds[cloud].schema, []).includes("access");
  if (needsAddress && objectOf(config[key("access")])?.allowFrom === undefined) {
    missing.push(`pulumi config set --stack ${target} --path 'access.allowFrom[0]' ADDRESS/32`);
  }
  return { text: stringify({ ...file, config }), notes, missing };
}

/** Whether the former cloud has a setting and the new one does not. */
function isForeign(path: string[], from: CloudName, to: CloudName): boolean {
  const parent = path.slice(0, -1);
  const [isOld, isNew] = [from, to].map((cloud) =>
    knownKeys(clouds[cloud].schema, parent).includes(path.at(-1) ?? ""),
  );
  return isOld === true && isNew === false;
}

const without = (values: Values, keys: string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !keys.includes(name)));

/** An object, which may have been given as JSON. */
function objectOf(value: unknown): Values | undefined {
  if (typeof value === "string" && value.trim().startsWith("{")) return JSON.parse(value) as Values;
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

/** Undefined if no size is given: then the new cloud's default is as good as the former's. */
function resize(
  host: HostKind,
  given: Values | undefined,
  { from, to, wanted }: { from: CloudName; to: CloudName; wanted?: string },
): { value: Values; notes: string[] } | undefined {
  const { keys, sizeOf } = clouds[from].sizes;
  const entries = Object.entries(given ?? {});
  const said = entries
    .flatMap(([name, value]) => (keys.includes(name) ? [`${name} ${value}`] : []))
    .join(", ");
  const others = without(given ?? {}, keys);
  const gone = Object.keys(others).filter((name) => isForeign([host, name], from, to));
  const kept = without(others, gone);
  const notes = gone.map((name) => `${host}.${name}: left out, it is only for ${from}`);
  if (!said && !wanted) return gone.length > 0 ? { value: kept, notes } : undefined;
  const value = wanted
    ? namedSize(host, to, wanted)
    : fittingSize(host, to, { said, has: sizeOf(host, given ?? {}) });
  const after = Object.entries(value).map(([name, one]) => `${name} ${one}`);
  notes.unshift(`${host}: ${after.join(", ")}${said ? `, instead of ${said}` : ""}`);
  return { value: { ...kept, ...value }, notes };
}

function namedSize(host: HostKind, cloud: CloudName, wanted: string): Values {
  const { parse: parseSize, form } = clouds[cloud].sizes;
  const value = parseSize(wanted);
  if (value) return value;
  throw new CliError("usage", `--${host}-size ${wanted}: on ${cloud} it must be ${form}.`);
}

function fittingSize(
  host: HostKind,
  cloud: CloudName,
  { said, has }: { said: string; has?: Size },
): Values {
  const { fitting, form } = clouds[cloud].sizes;
  const found = has && fitting(has);
  if (found) return found;
  const why = has ? "no known size is large enough" : "this size is not known here";
  throw new CliError(
    "usage",
    `${host} (${said}): ${why}. Set its size on ${cloud} with --${host}-size: ${form}.`,
  );
}
