import { join } from "node:path";
import type { Input, Resource } from "@pulumi/pulumi";
import { remoteScript } from "../script";
import type { Swarm } from "./swarm";

/**
 * A secret in the Swarm.
 *
 * @param secretName its name there
 * @param value its content; by default a random value that is made on the manager and never leaves
 *   the Swarm
 */
export function swarmSecret(
  name: string,
  args: { swarm: Swarm; secretName: string; value?: Input<string> },
  parent: Resource,
): Resource {
  const { swarm, secretName, value = "" } = args;
  return remoteScript(
    name,
    {
      connection: swarm.connection,
      script: join(__dirname, "secret.sh"),
      variables: { SWARM: swarm.id, SECRET: secretName, VALUE: value },
      logged: false,
    },
    { parent, dependsOn: swarm.ready },
  );
}
