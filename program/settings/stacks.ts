import { statSync } from "node:fs";
import { resolve } from "node:path";
import ms, { type StringValue } from "ms";
import { z } from "zod";

// Swarm allows 63 characters for stack and service together; our own stacks' names are taken.
const STACK_NAME = "at most 30 lower-case letters, digits and '-', beginning with a letter";
const STACK_FILE = "the path of a file, relative to the folder of Pulumi.yaml";
const OWN_STACKS = ["spark", "bastion", "notebook", "connect", "sql", "livy", "monitoring", "role"];
const ENV = "an object of variables for the Compose file, such as {TAG: '16', PASSWORD: secret}";
const TIMEOUT = "a duration from a minute to a day, such as 10m";
const REGISTRY =
  "an object such as {server: ghcr.io, username: me, password: TOKEN}. Set its password with: pulumi config set --secret --path 'stacks[0].registry.password'";
const SERVER = "the host of a registry, such as ghcr.io or registry.example.com:5000";
const CREDENTIAL = "a text without spaces";
const credential = z.string(CREDENTIAL).regex(/^\S+$/, CREDENTIAL);

const userStack = z.strictObject(
  {
    name: z
      .string(STACK_NAME)
      .regex(/^[a-z][a-z0-9-]{0,29}$/, STACK_NAME)
      .refine(
        (name) => !OWN_STACKS.includes(name),
        `a name other than the cluster's own: ${OWN_STACKS.join(", ")}`,
      ),
    file: z
      .string(STACK_FILE)
      .refine((file) => statSync(resolve(file), { throwIfNoEntry: false })?.isFile(), STACK_FILE),
    /** Values of the file's variables. */
    env: z
      .record(
        z.string().regex(/^[A-Za-z_]\w*$/, ENV),
        z.union([z.string(), z.number(), z.boolean()], "a text").transform((value) => `${value}`),
        ENV,
      )
      .optional(),
    /** How long its services may take to converge, seconds. By default what the file asks for. */
    timeout: z
      .string(TIMEOUT)
      .regex(/^\d+(\.\d+)? ?[a-z]+$/, TIMEOUT)
      .transform((text) => Math.round((ms(text as StringValue) ?? 0) / 1000))
      .refine((seconds) => seconds >= 60 && seconds <= 86400, TIMEOUT)
      .optional(),
    /** The private registry of its images. */
    registry: z
      .strictObject(
        {
          server: z.string(SERVER).regex(/^[\w.-]+(:\d+)?$/, SERVER),
          username: credential,
          password: credential,
        },
        REGISTRY,
      )
      .optional(),
  },
  "an object such as {name: web, file: web.yml}",
);

export const stacks = z
  .array(userStack, "a list such as [{name: web, file: web.yml}]")
  .superRefine(
    (given, { addIssue }) => {
      for (const [index, name] of repeatedNames(given)) {
        addIssue({
          code: "custom",
          path: [index, "name"],
          message: `another name: two stacks are called '${name}'`,
        });
      }
    },
    // Run even after other problems, since all must be reported at once.
    { when: ({ value }) => Array.isArray(value) },
  )
  .default([]);

function* repeatedNames(given: unknown[]): Generator<[index: number, name: string]> {
  const seen = new Set<string>();
  for (const [index, stack] of given.entries()) {
    const name = (stack as { name?: unknown } | null)?.name;
    if (typeof name !== "string") continue;
    if (seen.has(name)) yield [index, name];
    seen.add(name);
  }
}
