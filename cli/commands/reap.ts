import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { judge, judgeEphemeral, type Probes, type Verdict } from "../cluster/expiry";
import { archiveKept, showLifetime } from "../cluster/lifetime";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { destroyStack, removeStack } from "../pulumi/destroy";
import { hostsLeft, readState, stackNames } from "../pulumi/stack-state";
import { Ssh } from "../ssh/ssh";
import { ownerOf, parseEphemeralName } from "../stacks/ephemeral-stacks";

export const builder = (args: Argv<Common>) =>
  args
    .describe("stack", "Only this stack (default: all)")
    .option("dry-run", { type: "boolean", description: "Only print what would be destroyed" })
    .usage(
      "$0 reap [--dry-run]\n\nDestroys every cluster of the backend whose lifetime has passed, and every ephemeral cluster whose process is gone. Prints one line per stack; suitable for cron. Exits with 1 if a stack could not be checked or destroyed.",
    )
    .example("$0 reap --dry-run", "Show what it would do");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const names = args.stack ? [args.stack] : await stackNames();
  let failed = false;
  for (const name of names) {
    if (!(await reapStack(name, args["dry-run"] === true))) failed = true;
  }
  // This does not search the clouds for machines of stacks that the backend no longer knows.
  return failed ? exitCodes.failed : exitCodes.ok;
}

/** Judges a stack, destroys it if it has expired, and prints its line; false if that failed. */
async function reapStack(name: string, dryRun: boolean): Promise<boolean> {
  const tell = (text: string) => console.log(`${name}: ${text}`);
  let verdict: Verdict;
  try {
    verdict = await judgeStack(name);
  } catch (error) {
    tell(`not checked: ${(error as Error).message.replaceAll("\n", " ")}`);
    return false;
  }
  const { expired, reason, managed } = verdict;
  if (!expired || dryRun) {
    tell(expired ? `${reason}: would be destroyed` : reason);
    return true;
  }
  try {
    if (managed) await askManager(name, archiveKept);
  } catch (error) {
    tell(`${reason}: not destroyed, ${(error as Error).message.replaceAll("\n", " ")}`);
    return false;
  }
  try {
    const ephemeral = parseEphemeralName(name);
    if (!ephemeral) await destroyStack(name);
    // An emulated cloud ends with the process that made the stack.
    else await removeStack(name, ephemeral.emulated ? "gone" : "there");
    tell(`${reason}: destroyed`);
    return true;
  } catch (error) {
    tell(`${reason}: not destroyed, Pulumi failed`);
    console.error((error as Error).message);
    return false;
  }
}

async function judgeStack(name: string): Promise<Verdict> {
  const now = new Date();
  const state = await readState(name);
  const probes: Probes = {
    askManager: () => askManager(name, showLifetime),
    hostsLeft: () => hostsLeft(name),
  };
  const ephemeral = parseEphemeralName(name);
  if (ephemeral) {
    return judgeEphemeral(ephemeral, await ownerOf(name), state, probes, now);
  }
  return judge(state, probes, now);
}

async function askManager<Answer>(
  name: string,
  ask: (ssh: Ssh) => Promise<Answer>,
): Promise<Answer> {
  const ssh = new Ssh(await readCluster(name));
  try {
    return await ask(ssh);
  } finally {
    ssh.close();
  }
}
