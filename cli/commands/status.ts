import { join } from "node:path";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { remoteCommand } from "../ssh/remote-command";
import { Ssh } from "../ssh/ssh";
import { disks } from "../status/disks";
import { oomKills } from "../status/oom-kills";
import { type HostAnswers, report } from "../status/report";
import { statusText } from "../status/text";

export const builder = (args: Argv<Common>) =>
  args
    .option("json", { type: "boolean", description: "Print JSON" })
    .usage(
      "$0 status\n\nShows hosts, nodes, services, Spark's workers and applications, and disks. Exits with 0 if healthy, 1 if there is a problem, 68 if the manager does not answer.",
    );

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  const { cluster } = ssh;
  const { parseFacts } = await import("../status/facts");
  const manager = cluster.manager.name;

  const answers: HostAnswers = new Map();
  const answer = async (host: string) => {
    answers.set(host, await disks(ssh, host).catch((error: Error) => error));
  };
  // The manager first: its connection is then open, and the others are reached through it.
  const asked = ssh
    .run(manager, remoteCommand(join(__dirname, "../status/facts.sh")))
    .catch((error: unknown) => {
      if (error instanceof CliError && error.code === "unreachable") return error;
      throw error;
    });
  const [kills] = await Promise.all([oomKills(ssh), asked, ...ssh.hosts.map(answer)]);
  const result = await asked;
  if (result instanceof CliError) answers.set(manager, result);
  else if (result.status !== 0) {
    throw new CliError("failed", `Docker on ${manager} does not answer: ${result.stderr.trim()}`);
  }

  const facts = result instanceof CliError ? undefined : parseFacts(result.stdout);
  const state = report(cluster, facts, answers, kills);
  console.log(args.json ? JSON.stringify(state) : statusText(state));
  if (!facts) return exitCodes.unreachable;
  return state.healthy ? exitCodes.ok : exitCodes.failed;
}
