import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { CLOUD_NAMES, type CloudName, clouds, definitionOf, type Settings } from "../clouds";
import { isList, knownKeys } from "./keys";

/** Allowed values, for the commands in messages. Clouds have more. */
const EXAMPLES: Record<string, string> = {
  cloud: "local",
  workers: "2",
  "workers.count": "2",
  "stacks.name": "my-stack",
  "stacks.file": "my-stack.yml",
  "stacks.timeout": "10m",
  "stacks.registry.server": "ghcr.io",
  "stacks.registry.username": "me",
  "stacks.registry.password": "TOKEN",
  "bootstrap.run": "install.sh",
  "bootstrap.on": "all",
  "bootstrap.args": "--fast",
  "spark.eventLog": "s3a://my-bucket/spark-events",
  "spark.packages": "org.apache.spark:spark-avro_2.12:3.5.9",
  "spark.pip": "statsmodels==0.14.4",
  "spark.pipIndex": "https://pypi.example.com/simple",
  "spark.allocation": "maximize",
  "spark.tables": "parquet",
  "spark.warehouse": "s3a://my-bucket/tables",
  storage: "hdfs",
  "storage.replication": "2",
  "storage.reserved": "5",
  "storage.archive": "s3a://my-bucket/kept",
  connect: "true",
  monitoring: "true",
  "s3.endpoint": "https://nyc3.digitaloceanspaces.com",
  "s3.region": "us-east-1",
  "s3.accessKey": "KEY",
  "s3.secretKey": "KEY",
  "s3.sessionToken": "TOKEN",
  "s3.publicBuckets": "nyc-tlc",
  "s3.pathStyle": "true",
  notebook: "true",
  "notebook.cores": "2",
  "notebook.memory": "1024",
  sql: "true",
  "sql.cores": "2",
  "sql.memory": "1024",
  livy: "true",
  "livy.cores": "2",
  "livy.memory": "1024",
  "livy.archive": "apache-livy-0.9.0-incubating_2.12-bin.zip",
  "access.allowFrom": "198.51.100.7/32",
  "lifetime.ttl": "8h",
  "lifetime.idle": "30m",
  "budget.maxHourly": "0.5",
};

/** Settings with keys or tokens. Messages never repeat their values, not even malformed ones. */
const SECRETS = [
  "spark.conf",
  "spark.pipIndex",
  "bootstrap.args",
  "lifetime",
  "lifetime.token",
  "s3",
  "s3.accessKey",
  "s3.secretKey",
  "s3.sessionToken",
  "stacks.env",
  "stacks.registry",
  "stacks.registry.password",
];

/**
 * Validates a stack's configuration.
 *
 * @param config from key (without the project's name) to value, as Pulumi keeps it: text, or JSON for numbers and
 *   objects
 * @throws Error that lists every problem: the key, what was given, what is allowed, what to do
 */
export function parseSettings(config: Record<string, string>): Settings {
  const given = Object.fromEntries(
    Object.entries(config).map(([key, text]) => [key, fromText(text)]),
  );
  const cloud = (given.cloud ?? "local") as CloudName;
  if (!CLOUD_NAMES.includes(cloud)) {
    throw problemsError([
      `cloud: ${JSON.stringify(given.cloud)} was given; it must be one of: ${CLOUD_NAMES.join(", ")}. Set it with: pulumi config set 'cloud' local`,
    ]);
  }
  const result = clouds[cloud].schema.safeParse(given);
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

function describe(
  issue: z.core.$ZodIssue,
  given: Record<string, unknown>,
  cloud: CloudName,
): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describeUnknown(issue.path, key, cloud));
  }
  // The first alternative that accepts a value of this kind reports its errors best.
  if (issue.code === "invalid_union") {
    const inner = issue.errors.find((issues) => issues.some(({ path }) => path.length > 0));
    const within = inner?.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
    if (within) return within.flatMap((one) => describe(one, given, cloud));
  }
  // `workers: 2` is read as {count: 2}, but the configuration does not have that key.
  const path =
    typeof given.workers !== "object" && issue.path[0] === "workers" ? ["workers"] : issue.path;
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  const key = path.filter((part) => typeof part === "string").join(".");
  const { schema, examples } = definitionOf(cloud);
  const example = examples[key] ?? EXAMPLES[key];
  // For a list, the command sets the first element.
  const target = isList(schema, path) ? [...path, 0] : path;
  const property = key.startsWith("spark.conf.");
  const hint = example
    ? `Set it with: ${command("set", target)} ${example}`
    : `Remove it with: ${command("rm", property ? path : path.slice(0, 1))}`;
  const secret = SECRETS.includes(key) || property || key.startsWith("stacks.env.");
  const shown = secret ? "a value" : (JSON.stringify(value) ?? "nothing");
  return [`${pathText(path)}: ${shown} was given; it must be ${issue.message}. ${hint}`];
}

function describeUnknown(parent: PropertyKey[], key: string, cloud: CloudName): string {
  const path = [...parent, key];
  const remove = `Remove it with: ${command("rm", path)}`;
  const { schema, examples, lacks = {} } = definitionOf(cloud);
  const known = knownKeys(schema, parent);
  const elsewhere = CLOUD_NAMES.filter((other) =>
    knownKeys(clouds[other].schema, parent).includes(key),
  );
  if (elsewhere.length) {
    const there = elsewhere.join(" and ");
    const lacking = lacks[pathText(path)];
    if (lacking) return `${pathText(path)}: ${lacking}; cloud ${there} has. ${remove}`;
    return `${pathText(path)}: this key is for cloud ${there}, and this is cloud ${cloud}. Known here: ${known.join(", ")}. ${remove}`;
  }
  // Nested keys are often set at the top level: without --path, `workers.count` is a single key too.
  const inside = Object.keys({ ...examples, ...EXAMPLES }).filter((name) => {
    const [first = "", second] = name.split(".");
    return second !== undefined && knownKeys(schema, [first]).includes(second);
  });
  const near = nearest(key, parent.length ? known : [...known, ...inside]);
  const meant = near.map((name) => (name.includes(".") ? `--path '${name}'` : `'${name}'`));
  const question = meant.length ? `; did you mean ${meant.join(" or ")}?` : ".";
  return `${pathText(path)}: there is no such key${question} Known here: ${known.join(", ")}. ${remove}`;
}

/** The known keys that resemble the unknown one, completely or in their last part. */
function nearest(unknown: string, known: string[]): string[] {
  const lower = unknown.toLowerCase();
  const ranked = known.map((name) => {
    const last = name.split(".").at(-1) ?? name;
    const abbreviated = last.startsWith(lower) ? 1 : Number.POSITIVE_INFINITY;
    return { name, rank: Math.min(distance(lower, name), distance(lower, last), abbreviated) };
  });
  const best = Math.min(...ranked.map(({ rank }) => rank));
  // With more than half of it mistyped it is another word.
  if (best > Math.max(1, lower.length / 2)) return [];
  return ranked.filter(({ rank }) => rank === best).map(({ name }) => name);
}

/** The Pulumi command for a key. A top-level key needs no --path, and its name may have a dot. */
function command(verb: "set" | "rm", path: PropertyKey[]): string {
  return `pulumi config ${verb} ${path.length > 1 ? "--path " : ""}'${pathText(path)}'`;
}

/** The form for --path: a nested key with dots is in brackets. */
function pathText(path: PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (index === 0) return String(part);
      return String(part).includes(".") ? `["${String(part)}"]` : `.${String(part)}`;
    })
    .join("");
}
