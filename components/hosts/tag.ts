import { join } from "node:path";
import type { Output, Resource } from "@pulumi/pulumi";
import { localScript, MADE_ONCE } from "../script";

/** The name of the resource that makes the tag of a stack's hosts. */
export function tagResource(name: string): string {
  return `${name}-id`;
}

/**
 * The tag of everything made for a stack's hosts, such as `spark-swarm-dev-0a1b2c3d`. It is made once, and is in the
 * state before anything that carries it. A name alone is not enough: another backend may have a stack of the same name.
 */
export function stackTag(name: string, parent: Resource): Output<string> {
  const command = localScript(
    tagResource(name),
    { script: join(__dirname, "tag.sh"), variables: { NAME: name } },
    { parent, ignoreChanges: MADE_ONCE },
  );
  return command.stdout;
}
