import { rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors";
import { forgetOwner } from "../stacks/ephemeral-stacks";
import { pulumi, root } from "./pulumi";
import { forgetLogs, lastLines, said, startPulumi } from "./run";
import { onlyStaleLocks } from "./stale-locks";

/** For stacks that are removed: the backend keeps no copies of their states. */
export const WITHOUT_BACKUPS = { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" };

/** Who asks for an end here has asked for it beforehand: what is unsaved is no reason to go on costing money. */
const WITH_ALL = { SPARK_SWARM_DISCARD_NOTEBOOKS: "1", SPARK_SWARM_DISCARD_STORE: "1" };

type Variables = Record<string, string>;

/**
 * Destroys all that a stack holds. The stack itself stays, so that `pulumi up` can fill it again.
 *
 * @throws CliError with the last lines of what Pulumi said
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
    // What can go goes, whatever does not: each machine costs for itself.
    "--continue-on-error",
    // A refresh would forget a manager that is gone, and with it that what ran there needs no removal.
    "--refresh=false",
  ];
  return run(stack, "destroy", ["destroy", ...options], { ...WITH_ALL, ...variables });
}

/**
 * Destroys all that an ephemeral stack holds, and removes it. One on an emulated cloud that is gone is only
 * removed: there is nothing left to destroy.
 *
 * @throws CliError with the last lines of what Pulumi said
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
  // A stack that was made on another machine has its configuration there.
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
  // Until it has a process group of its own, a Ctrl-C that is for this process ends it too.
  for (let again = 0; again < 5 && last.status > 128 && said(last) === ""; again++) {
    last = await attempt();
  }
  if (last.status !== 0 && (await onlyStaleLocks(said(last), new Date()))) {
    await pulumi(["cancel", "--yes", "--stack", stack]);
    last = await attempt();
  }
  if (last.status !== 0) {
    throw new CliError("failed", `${lastLines(last)}\n(all of it: ${last.log})`);
  }
  forgetLogs(stack);
}
