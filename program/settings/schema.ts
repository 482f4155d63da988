import { statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { bootstrap } from "./bootstrap";
import { services } from "./services";

// Swarm allows 63 characters for stack and service together; our own stacks' names are taken.
const STACK_NAME = "lower-case letters, digits and '-', a letter first, 30 at the most";
const STACK_FILE = "the path of a file, as seen from the folder of Pulumi.yaml";
const OWN_STACKS = ["spark", "bastion", "notebook", "connect", "livy", "monitoring", "role"];
const userStack = z.strictObject(
  {
    name: z
      .string(STACK_NAME)
      .regex(/^[a-z][a-z0-9-]{0,29}$/, STACK_NAME)
      .refine(
        (name) => !OWN_STACKS.includes(name),
        `another name than the cluster's own: ${OWN_STACKS.join(", ")}`,
      ),
    file: z
      .string(STACK_FILE)
      .refine((file) => statSync(resolve(file), { throwIfNoEntry: false })?.isFile(), STACK_FILE),
  },
  "an object such as {name: web, file: web.yml}",
);

const stacks = z
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
    // Even beside other problems: all are to be reported at once.
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

/** What every cloud's configuration has beside its hosts. */
export const common = { stacks, bootstrap, ...services };
