import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type Settings, schemas } from "./schema";

type Cloud = Settings["cloud"];

const CLOUDS = Object.keys(schemas) as Cloud[];

/** For the commands in messages: one that is allowed. */
const EXAMPLES: Record<string, string> = {
  cloud: "local",
  region: "nyc3",
  image: "docker-20-04",
  workers: "2",
  "workers.count": "2",
  "workers.cpus": "1",
  "workers.memory": "2048",
  "workers.size": "s-2vcpu-4gb",
  "workers.disk": "30",
  "workers.spot": "true",
  "workers.spot.maxPrice": "0.05",
  "workers.spot.fallback": "on-demand",
  "manager.cpus": "1",
  "manager.memory": "3072",
  "manager.size": "s-2vcpu-4gb",
  "manager.disk": "30",
  "stacks.name": "my-stack",
  "stacks.file": "my-stack.yml",
  "bootstrap.run": "install.sh",
  "bootstrap.on": "all",
  "bootstrap.args": "--fast",
  "spark.eventLog": "s3a://my-bucket/spark-events",
  "spark.packages": "io.delta:delta-spark_2.12:3.2.1",
  "spark.pip": "statsmodels==0.14.4",
  "spark.pipIndex": "https://pypi.example.com/simple",
  "spark.allocation": "maximize",
  connect: "true",
  monitoring: "true",
  "s3.endpoint": "https://nyc3.digitaloceanspaces.com",
  "s3.region": "us-east-1",
  "s3.accessKey": "KEY",
  "s3.secretKey": "KEY",
  "s3.pathStyle": "true",
  notebook: "true",
  "notebook.cores": "2",
  "notebook.memory": "1024",
  livy: "true",
  "livy.cores": "2",
  "livy.memory": "1024",
  "livy.archive": "apache-livy-0.9.0-incubating_2.12-bin.zip",
  "access.allowFrom": "198.51.100.7/32",
  "lifetime.ttl": "8h",
  "lifetime.idle": "30m",
  "budget.maxHourly": "0.5",
  "digitalocean.reservedAddress": "true",
  "aws.subnet": "subnet-0123456789abcdef0",
  "aws.buckets": "my-data",
};

/** Where a cloud's values differ. */
const AWS_EXAMPLES: Record<string, string> = {
  region: "us-east-1",
  image: "ami-0123456789abcdef0",
  "workers.size": "t3.medium",
  "manager.size": "t3.medium",
};

/** Lists, of which a command sets the first. */
const LISTS = [
  ...["access.allowFrom", "aws.buckets", "spark.packages", "spark.pip", "bootstrap.args"],
];

/** Never repeated in a message: keys and tokens, also where they were given in the wrong form. */
const SECRETS = [
  "spark.pipIndex",
  "bootstrap.args",
  "lifetime",
  "lifetime.token",
  "s3",
  "s3.accessKey",
  "s3.secretKey",
];

/**
 * Validates a stack's configuration.
 *
 * @param config key (without the project's name) to value, as Pulumi keeps it: text, which is JSON for
 *   numbers and objects
 * @throws Error that lists every problem: the key, what was given, what is allowed, what to do
 */
export function parseSettings(config: Record<string, string>): Settings {
  const given = Object.fromEntries(
    Object.entries(config).map(([key, text]) => [key, fromText(text)]),
  );
  const cloud = (given.cloud ?? "local") as Cloud;
  if (!CLOUDS.includes(cloud)) {
    throw problemsError([
      `cloud: ${JSON.stringify(given.cloud)} was given; it must be one of: ${CLOUDS.join(", ")}. Set it by: pulumi config set 'cloud' local`,
    ]);
  }
  const result = schemas[cloud].safeParse(given);
  if (result.success) return result.data;
  throw problemsError(result.error.issues.flatMap((issue) => describe(issue, given, cloud)));
}

function problemsError(problems: string[]): Error {
  return new Error(
    [
      `The configuration of this stack has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`,
    ]
      .concat(problems.map((problem) => `  - ${problem}`))
      .concat("Nothing was created or changed.")
      .join("\n"),
  );
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>, cloud: Cloud): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describeUnknown(issue.path, key, cloud));
  }
  // The first alternative that takes a value of this kind says best what is wrong inside it.
  if (issue.code === "invalid_union") {
    const inner = issue.errors.find((issues) => issues.some(({ path }) => path.length > 0));
    const within = inner?.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
    if (within) return within.flatMap((one) => describe(one, given, cloud));
  }
  // `workers: 2` is read as {count: 2}, but that is not what stands in the configuration.
  const path =
    typeof given.workers !== "object" && issue.path[0] === "workers" ? ["workers"] : issue.path;
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  const key = path.filter((part) => typeof part === "string").join(".");
  const example = (cloud === "aws" ? AWS_EXAMPLES[key] : undefined) ?? EXAMPLES[key];
  const target = LISTS.includes(key) && typeof path.at(-1) === "string" ? [...path, 0] : path;
  const hint = example
    ? `Set it by: ${command("set", target)} ${example}`
    : `Remove it by: ${command("rm", path.slice(0, 1))}`;
  const shown = SECRETS.includes(key) ? "a value" : (JSON.stringify(value) ?? "nothing");
  return [`${pathText(path)}: ${shown} was given; it must be ${issue.message}. ${hint}`];
}

function describeUnknown(parent: PropertyKey[], key: string, cloud: Cloud): string {
  const path = [...parent, key];
  const remove = `Remove it by: ${command("rm", path)}`;
  if (pathText(path) === "workers.spot" && cloud === "digitalocean") {
    return `${pathText(path)}: DigitalOcean has no spot machines; cloud aws has. ${remove}`;
  }
  const known = knownKeys(cloud, parent);
  const elsewhere = CLOUDS.filter((other) => knownKeys(other, parent).includes(key));
  if (elsewhere.length) {
    return `${pathText(path)}: this key is for cloud ${elsewhere.join(" and ")}, and this is cloud ${cloud}. Known here: ${known.join(", ")}. ${remove}`;
  }
  // What belongs inside a key is often set beside it: for want of --path, `workers.count` too is one key.
  const inside = Object.keys(EXAMPLES).filter((name) => {
    const [first = "", second] = name.split(".");
    return second !== undefined && knownKeys(cloud, [first]).includes(second);
  });
  const near = nearest(key, parent.length ? known : [...known, ...inside]);
  const meant = near.map((name) => (name.includes(".") ? `--path '${name}'` : `'${name}'`));
  const question = meant.length ? `; did you mean ${meant.join(" or ")}?` : ".";
  return `${pathText(path)}: there is no such key${question} Known here: ${known.join(", ")}. ${remove}`;
}

/** Those of the known keys that look like the unknown one, whole or by their last part. */
function nearest(unknown: string, known: string[]): string[] {
  const lower = unknown.toLowerCase();
  const ranked = known.map((name) => {
    const last = name.split(".").at(-1) ?? name;
    const abbreviated = last.startsWith(lower) ? 1 : Number.POSITIVE_INFINITY;
    return { name, rank: Math.min(distance(lower, name), distance(lower, last), abbreviated) };
  });
  const best = Math.min(...ranked.map(({ rank }) => rank));
  // More than half of it mistyped is another word.
  if (best > Math.max(1, lower.length / 2)) return [];
  return ranked.filter(({ rank }) => rank === best).map(({ name }) => name);
}

/** The Pulumi command for a key. Without --path for a top-level key, which may have a dot in its name. */
function command(verb: "set" | "rm", path: PropertyKey[]): string {
  return `pulumi config ${verb} ${path.length > 1 ? "--path " : ""}'${pathText(path)}'`;
}

function pathText(path: PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`,
    )
    .join("");
}

/** The keys that a cloud's schema knows below a path; none where the path ends. */
function knownKeys(cloud: Cloud, path: PropertyKey[]): string[] {
  let at: z.core.$ZodType | undefined = schemas[cloud];
  for (const part of path) at = inner(at, part);
  return Object.keys(shapeOf(at) ?? {});
}

function inner(type: z.core.$ZodType | undefined, part: PropertyKey): z.core.$ZodType | undefined {
  if (typeof part === "number") return definition(unwrapped(type)).element;
  return shapeOf(type)?.[String(part)];
}

function shapeOf(type: z.core.$ZodType | undefined): Record<string, z.core.$ZodType> | undefined {
  return definition(unwrapped(type)).shape;
}

/** The parts of a schema's definition that lead to what is inside. */
interface Definition {
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  out?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
}

function definition(type: z.core.$ZodType | undefined): Definition {
  return (type?._zod.def ?? {}) as Definition;
}

/** Without defaults and preprocessing around it. */
function unwrapped(type: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const { innerType, options = [], out, in: from } = definition(type);
  const next = innerType ?? [...options, out, from].find((one) => one && shapeOf(one));
  return next ? unwrapped(next) : type;
}
