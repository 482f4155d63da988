import { join } from "node:path";
import type { Output, Resource } from "@pulumi/pulumi";
import { localScript } from "../script";

/** The name of the resource that makes the tag of a stack's hosts. */
export function tagResource(name: string): string {
  return `${name}-id`;
}

/**
 * The mark that everything made for a stack's hosts carries, such as `spark-swarm-dev-0a1b2c3d`. It is made once and is
 * in the state before anything that carries it. A name alone does not do: in another backend there may be another
 * stack of the same name.
 */
export function stackTag(name: string, parent: Resource): Output<string> {
  const command = localScript(
    tagResource(name),
    { script: join(__dirname, "tag.sh"), variables: { NAME: name } },
    // Another script makes no other tag.
    { parent, ignoreChanges: ["create", "update", "stdin"] },
  );
  return command.stdout;
}
