import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import type { Output, Resource } from "@pulumi/pulumi";
import { WITHOUT_OUTPUT } from "../script";

/**
 * A program that deletes what carries a stack's tag, and prints a line for each resource. Its environment holds TAG;
 * KNOWN, a line "TYPE ID" for each resource that must stay; and DRY_RUN, not empty when it must only list the
 * resources.
 */
export interface Sweep {
  /** The shell command that runs the script, which it reads from standard input. */
  command: string;
  /** The script's path. */
  script: string;
  /** Further variables of its environment. */
  environment?: Record<string, string>;
}

/**
 * Sweeps on destroy, after all that depends on it: resources that Pulumi does not know would cost money unnoticed, and
 * block the network's deletion. It must be created first. Resources that something unknown may use must be
 * `deletedWith` it.
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
