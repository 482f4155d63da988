import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import type { Output, Resource } from "@pulumi/pulumi";
import { WITHOUT_OUTPUT } from "../script";

/**
 * A program that deletes what carries a stack's tag, and prints a line for each such thing. It finds in its environment
 * TAG; KNOWN, a line "TYPE ID" for each resource that is to stay; and DRY_RUN, not empty when it is only to name things.
 */
export interface Sweep {
  /** The shell's command that runs the script, which it reads from its standard input. */
  command: string;
  /** The script's path. */
  script: string;
  /** What else it needs in its environment. */
  environment?: Record<string, string>;
}

/**
 * Sweeps on destroy, after all that depends on it: what Pulumi does not know would cost money unnoticed, and keep the
 * network from going. It is to be made first. What something unknown may use is to be `deletedWith` it.
 */
export function sweeper(
  name: string,
  sweep: Sweep,
  tag: Output<string>,
  parent: Resource,
): Resource {
  return new local.Command(
    name,
    {
      ...WITHOUT_OUTPUT,
      create: "true",
      update: "true",
      delete: sweep.command,
      stdin: readFileSync(sweep.script, "utf8"),
      environment: { TAG: tag, KNOWN: "", DRY_RUN: "", ...sweep.environment },
    },
    { parent },
  );
}
