import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import type { Resource } from "@pulumi/pulumi";

/**
 * Ends on destroy what carries the stack's tag and Pulumi does not know, which would cost money unnoticed and keep
 * the network from going: a machine whose creation the cloud answered with an error, or that was under way when
 * Pulumi was killed. It is to depend on the network, and the machines on it, so that it comes between them.
 *
 * @param args.script the path of a program for Node.js: with TAG in its environment, and what the plugin uses
 */
export function sweep(
  name: string,
  args: { tag: string; script: string; environment?: Record<string, string> },
  opts: { parent: Resource; dependsOn: Resource[] },
): Resource {
  return new local.Command(
    name,
    {
      create: "true",
      update: "true",
      delete: "node --input-type=module -",
      stdin: readFileSync(args.script, "utf8"),
      environment: { TAG: args.tag, ...args.environment },
    },
    opts,
  );
}
