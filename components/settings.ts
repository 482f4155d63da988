import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { distance } from "fastest-levenshtein";
import { z } from "zod";

const hostSize = {
  cpus: z
    .number()
    .positive()
    .describe("CPUs of the host; Spark gets whole ones"),
  memory: z
    .number()
    .int()
    .min(1536, "a host needs 1536 MB at the least: Spark's smallest executor and the system")
    .describe("memory of the host, MB"),
};

const count = z
  .number()
  .int("a whole number of workers")
  .min(1, "a cluster needs a worker")
  .max(100, "100 workers at the most: more was never tried");

const workers = z.preprocess(
  (given) => (typeof given === "number" ? { count: given } : given),
  z.strictObject({
    count: count.default(2),
    cpus: hostSize.cpus.default(1),
    memory: hostSize.memory.default(2048),
  }),
);

const manager = z.strictObject({
  cpus: hostSize.cpus.default(1),
  memory: hostSize.memory.default(3072),
});

// Swarm allows 63 characters for stack and service together; our own stacks' names are taken.
const userStack = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,29}$/, "lower-case letters, digits and '-', a letter first, 30 at the most")
    .refine((name) => !["spark", "bastion"].includes(name), "'spark' and 'bastion' are the cluster's own"),
  file: z.string().refine((file) => existsSync(resolve(file)), "there is no such file"),
});

const schema = z.strictObject({
  cloud: z.literal("local").default("local"),
  workers: workers.prefault({}),
  manager: manager.prefault({}),
  stacks: z
    .array(userStack)
    .refine((stacks) => new Set(stacks.map(({ name }) => name)).size === stacks.length, "two stacks have one name")
    .default([]),
});

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
    [`The configuration of this stack has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`]
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

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string[] {
  const key = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => {
      const path = pathText([...issue.path, unknown]);
      const known = knownKeys(issue.path);
      const nearest = known.sort((a, b) => distance(a, unknown) - distance(b, unknown))[0];
      return `${path}: there is no such key; did you mean '${nearest}'? Known here: ${known.join(", ")}. Remove it by: pulumi config rm --path '${path}'`;
    });
  }
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  return [
    `${key}: ${JSON.stringify(value) ?? "nothing"} was given; ${issue.message}. Set it by: pulumi config set --path '${key}' VALUE`,
  ];
}

function pathText(path: PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`))
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
