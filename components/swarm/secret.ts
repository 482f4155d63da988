import { readFileSync } from "node:fs";
import { join } from "node:path";
import { remote } from "@pulumi/command";
import { type Input, interpolate, type Resource } from "@pulumi/pulumi";
import type { Swarm } from "./swarm";

/**
 * A secret in the Swarm.
 *
 * @param secretName its name there
 * @param value what it holds; without one, a random value that is made on the manager and never leaves
 *   the Swarm
 */
export function swarmSecret(
  name: string,
  args: { swarm: Swarm; secretName: string; value?: Input<string> },
  parent: Resource,
): Resource {
  const { swarm, secretName, value = "" } = args;
  const script = readFileSync(join(__dirname, "secret.sh"), "utf8");
  const create = interpolate`# In the Swarm ${swarm.id}\nSECRET=${secretName}\n${script}`;
  return new remote.Command(
    name,
    { connection: swarm.connection, create, update: create, stdin: value, logging: "none" },
    { parent, deletedWith: swarm.managerHost, dependsOn: swarm.ready },
  );
}
