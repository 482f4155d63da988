import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import type { Common } from "../options";
import { rest } from "../options";
import { runSession } from "../ssh/session";
import { Ssh } from "../ssh/ssh";

export const builder = (args: Argv<Common>) =>
  args
    .positional("host", {
      type: "string",
      demandOption: true,
      description: "manager, worker-0, worker-1, …",
    })
    .usage(
      "$0 ssh HOST [-- COMMAND…]\n\nOpens a shell on a host, or runs a command there and exits with its status.",
    )
    .example("$0 ssh manager", "Open a shell")
    .example("$0 ssh worker-0 -- df -h /data", "Run a command");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  if (!ssh.hosts.includes(args.host)) {
    throw new CliError(
      "usage",
      `Stack ${ssh.cluster.stack} has no host ${args.host}; it has ${ssh.hosts.join(", ")}.`,
    );
  }
  const command = rest(args);
  // As in OpenSSH: a command gets no terminal, and the host's shell parses its words.
  return runSession(ssh, args.host, command.length > 0 ? ["-T"] : [], command.join(" "));
}
