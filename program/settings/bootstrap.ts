import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

const FILE = "the path of a file that can be read, relative to the folder of Pulumi.yaml";
const SCRIPT = "a script: a text that begins with #!, such as #!/usr/bin/env bash";
const SMALL = "a script of at most 256 KB; it can download larger files";
const ON = "one of: all, manager, workers";
const ARGS = "a list of words such as [--fast, 3]";
const ACTION = "an object such as {run: install.sh, on: workers, args: [--fast]}";

const action = z.strictObject(
  {
    run: z.string(FILE).superRefine((path, { addIssue }) => {
      const message = problemOf(resolve(path));
      if (message) addIssue({ code: "custom", message });
    }),
    on: z.enum(["all", "manager", "workers"], ON).default("all"),
    args: z
      .array(z.union([z.string(), z.number(), z.boolean()], ARGS).transform(String), ARGS)
      .default([]),
  },
  ACTION,
);

/** What the file should be and is not. */
function problemOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return FILE;
  if (stat.size > 256 * 1024) return SMALL;
  try {
    const text = readFileSync(path);
    return text.toString("latin1", 0, 2) !== "#!" || text.includes(0) ? SCRIPT : undefined;
  } catch {
    return FILE;
  }
}

/** The user's scripts that each host runs once, before anything else runs on it. */
export const bootstrap = z.array(action, `a list such as [${ACTION.slice(18)}]`).default([]);
