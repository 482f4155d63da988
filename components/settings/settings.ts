import { statSync } from "node:fs";
import { resolve } from "node:path";
import { distance } from "fastest-levenshtein";
import { z } from "zod";

// Every message of the schema continues "it must be ".

/** A number, or its text: `pulumi config set --path` keeps a fraction as text. */
function numeric(inner: z.ZodNumber) {
  return z.preprocess(
    (given) => (typeof given === "string" && given.trim() !== "" ? Number(given) : given),
    inner,
  );
}

const CPUS = "a number above 0: the CPUs of the host, of which Spark gets whole ones";
const MEMORY =
  "a whole number of MB, 2048 at the least: an executor of Spark's default size, 1 GiB, and as much for the system";
const hostSize = {
  cpus: numeric(z.number(CPUS).positive(CPUS)),
  memory: numeric(z.number(MEMORY).int(MEMORY).min(2048, MEMORY)),
};

const COUNT = "a whole number from 1 to 100 (more was never tried)";
const count = numeric(z.number(COUNT).int(COUNT).min(1, COUNT).max(100, COUNT));

const workers = z.preprocess(
  (given) => (typeof given === "object" ? given : { count: given }),
  z.strictObject(
    {
      count: count.default(2),
      cpus: hostSize.cpus.default(1),
      memory: hostSize.memory.default(2048),
    },
    `${COUNT}, or an object such as {count: 2, cpus: 1, memory: 2048}`,
  ),
);

const manager = z.strictObject(
  {
    cpus: hostSize.cpus.default(1),
    memory: hostSize.memory.default(3072),
  },
  "an object such as {cpus: 1, memory: 3072}",
);

// Swarm allows 63 characters for stack and service together; our own stacks' names are taken.
const STACK_NAME = "lower-case letters, digits and '-', a letter first, 30 at the most";
const STACK_FILE = "the path of a file, as seen from the folder of Pulumi.yaml";
const userStack = z.strictObject(
  {
    name: z
      .string(STACK_NAME)
      .regex(/^[a-z][a-z0-9-]{0,29}$/, STACK_NAME)
      .refine(
        (name) => !["spark", "bastion"].includes(name),
        "another name than 'spark' and 'bastion', the cluster's own",
      ),
    file: z
      .string(STACK_FILE)
      .refine((file) => statSync(resolve(file), { throwIfNoEntry: false })?.isFile(), STACK_FILE),
  },
  "an object such as {name: web, file: web.yml}",
);

const schema = z.strictObject({
  cloud: z.literal("local", "one of: local").default("local"),
  workers: workers.prefault({}),
  manager: manager.prefault({}),
  stacks: z
    .array(userStack, "a list such as [{name: web, file: web.yml}]")
    .superRefine(
      (stacks, { addIssue }) => {
        for (const [index, name] of repeatedNames(stacks)) {
          addIssue({
            code: "custom",
            path: [index, "name"],
            message: `another name: two stacks are called '${name}'`,
          });
        }
      },
      // Even beside other problems: all are to be reported at once.
      { when: ({ value }) => Array.isArray(value) },
    )
    .default([]),
});

/** For the commands that mend a value: one that is allowed. */
const EXAMPLES: Record<string, string> = {
  cloud: "local",
  workers: "2",
  "workers.count": "2",
  "workers.cpus": "1",
  "workers.memory": "2048",
  "manager.cpus": "1",
  "manager.memory": "3072",
  "stacks.name": "my-stack",
  "stacks.file": "my-stack.yml",
};

/** The whole configuration of a stack, with defaults filled in. Keys are described in Pulumi.yaml. */
export type Settings = z.infer<typeof schema>;
/** The size of one host: CPUs, and memory in MB. */
export type HostSettings = Pick<Settings["manager"], "cpus" | "memory">;

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
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, given));
  throw new Error(
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

function* repeatedNames(stacks: unknown[]): Generator<[index: number, name: string]> {
  const seen = new Set<string>();
  for (const [index, stack] of stacks.entries()) {
    const name = (stack as { name?: unknown } | null)?.name;
    if (typeof name !== "string") continue;
    if (seen.has(name)) yield [index, name];
    seen.add(name);
  }
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describeUnknown(issue.path, key));
  }
  // `workers: 2` is read as {count: 2}, but that is not what stands in the configuration.
  const path =
    typeof given.workers !== "object" && issue.path[0] === "workers" ? ["workers"] : issue.path;
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  const example = EXAMPLES[path.filter((part) => typeof part === "string").join(".")];
  const mend = example
    ? `Set it by: ${command("set", path)} ${example}`
    : `Remove it by: ${command("rm", path.slice(0, 1))}`;
  return [
    `${pathText(path)}: ${JSON.stringify(value) ?? "nothing"} was given; it must be ${issue.message}. ${mend}`,
  ];
}

function describeUnknown(parent: PropertyKey[], key: string): string {
  const path = [...parent, key];
  const known = knownKeys(parent);
  // What belongs inside a key is often set beside it: for want of --path, `workers.count` too is one key.
  const inside = Object.keys(EXAMPLES).filter((name) => /^(workers|manager)\./.test(name));
  const near = nearest(key, parent.length ? known : [...known, ...inside]);
  const meant = near.map((name) => (name.includes(".") ? `--path '${name}'` : `'${name}'`));
  const question = meant.length ? `; did you mean ${meant.join(" or ")}?` : ".";
  return `${pathText(path)}: there is no such key${question} Known here: ${known.join(", ")}. Remove it by: ${command("rm", path)}`;
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

/** The keys that the schema knows below a path. */
function knownKeys(path: PropertyKey[]): string[] {
  const parts: Record<string, z.ZodObject> = {
    "": schema,
    workers: workers.def.out as z.ZodObject,
    manager,
    stacks: userStack,
  };
  return Object.keys(parts[String(path[0] ?? "")]?.shape ?? {});
}
