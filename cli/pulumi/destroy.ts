import { rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors";
import { forgetOwner } from "../stacks/ephemeral-stacks";
import { pulumi, root } from "./pulumi";
import { forgetLogs, lastLines, said, startPulumi } from "./run";
import { onlyStaleLocks } from "./stale-locks";

/** For stacks that are removed: the backend keeps no copies of their states. */
export const WITHOUT_BACKUPS = { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" };

/** These commands are an explicit request to destroy: unsaved data must not keep the cluster, and its cost, alive. */
const WITH_ALL = { SPARK_SWARM_DISCARD_NOTEBOOKS: "1", SPARK_SWARM_DISCARD_STORE: "1" };

type Variables = Record<string, string>;

/**
 * Destroys all resources of a stack. The stack itself stays, so that `pulumi up` can fill it again.
 *
 * @throws CliError with the last lines of Pulumi's output
 */
export function destroyStack(stack: string, variables?: Variables): Promise<void> {
  const options = [
    ...[
      "--yes",
      "--skip-preview",
      "--parallel",
      "200",
      "--suppress-outputs",
      "--suppress-progress",
    ],
    // Destroys as much as possible: each machine costs money by itself.
    "--continue-on-error",
    // A refresh would drop a deleted manager, and with it the fact that nothing need be removed from it.
    "--refresh=false",
  ];
  return run(stack, "destroy", ["destroy", ...options], { ...WITH_ALL, ...variables });
}

/**
 * Destroys all resources of an ephemeral stack, and removes it. If its emulated cloud no longer runs, the stack is only
 * removed: nothing is left to destroy.
 *
 * @throws CliError with the last lines of Pulumi's output
 */
export async function removeStack(
  stack: string,
  cloud: "there" | "gone",
  variables: Variables = {},
): Promise<void> {
  const all = { ...WITHOUT_BACKUPS, ...variables };
  if (cloud === "there") await destroyStack(stack, all);
  const force = cloud === "gone" ? ["--force"] : [];
  await run(stack, "rm", ["stack", "rm", "--yes", ...force], all);
  // The configuration is there if the stack was created on another machine.
  rmSync(join(root, `Pulumi.${stack}.yaml`), { force: true });
  forgetOwner(stack);
}

async function run(
  stack: string,
  name: string,
  args: string[],
  variables?: Variables,
): Promise<void> {
  const attempt = async () => {
    const run = startPulumi(stack, name, [...args, "--stack", stack], variables);
    return { ...run, ...(await run.ended) };
  };
  let last = await attempt();
  // Before it has its own process group, a Ctrl-C that is meant for this process ends it too.
  for (let again = 0; again < 5 && last.status > 128 && said(last) === ""; again++) {
    last = await attempt();
  }
  if (last.status !== 0 && (await onlyStaleLocks(said(last), new Date()))) {
    await pulumi(["cancel", "--yes", "--stack", stack]);
    last = await attempt();
  }
  if (last.status !== 0) {
    throw new CliError("failed", `${lastLines(last)}\n(full log: ${last.log})`);
  }
  forgetLogs(stack);
}
