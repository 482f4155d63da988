import { ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs";
import { environment, folder, repository, type Stack } from "./stack";

/** The command-line tool as a program, with options to run it outside the project's folder. */
export const sparkSwarm = [process.execPath, join(repository, "cli/spark-swarm.js")];
export const options = { env: environment, cwd: folder };

/** Checks that neither Pulumi nor the command-line tool has a record of a stack. */
export async function isForgotten({ name }: Stack): Promise<void> {
  const { stdout } = await run(["pulumi", "stack", "ls", "--json"], {
    ...options,
    ...{ cwd: repository, seconds: 30 },
  });
  ok(!stdout.includes(name), stdout);
  for (const file of [`Pulumi.${name}.yaml`, `.spark-swarm/ephemeral/${name}`]) {
    ok(!existsSync(join(repository, file)), file);
  }
}
