import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { packJob } from "../files/pack";
import { driverCommand, newId } from "../jobs/driver";
import { buildParcel } from "../jobs/parcel";
import { runJob } from "../jobs/run";
import { namesFiles, runsByItself, scriptOf, shells } from "../jobs/script";
import type { Common } from "../options";
import { confOptions, rest, sparkOptions } from "../options";
import { runSession } from "../ssh/session";
import { Ssh } from "../ssh/ssh";

/** An idle shell releases its executors; the next command gets new ones. */
const elastic = [
  "spark.dynamicAllocation.enabled=true",
  "spark.dynamicAllocation.shuffleTracking.enabled=true",
  "spark.dynamicAllocation.executorIdleTimeout=60s",
  // Executors that hold shuffle files or cached data would otherwise stay for good.
  "spark.dynamicAllocation.shuffleTracking.timeout=10min",
  "spark.dynamicAllocation.cachedExecutorIdleTimeout=1h",
];

export const builder = (args: Argv<Common>) =>
  sparkOptions(args)
    .positional("kind", {
      choices: shells,
      demandOption: true,
      description: "Python, Scala or SQL",
    })
    .usage(
      "$0 shell pyspark|spark-shell|spark-sql [-- ARGUMENTS…]\n\nOpens a Spark shell on the manager. If standard input is not a terminal, runs it as a program and exits with 0 if it succeeded. An idle shell holds no executors.",
    )
    .example("$0 shell pyspark", "Python")
    .example("echo 'select 1;' | $0 shell spark-sql", "Run a program")
    .example("$0 shell spark-sql -- -f report.sql", "Run a file");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const settings = [...elastic, ...args.conf];
  const words = [...(args.packages ? ["--packages", args.packages] : []), ...rest(args)];
  if (process.stdin.isTTY && process.stdout.isTTY && !runsByItself(args.kind, words)) {
    return openShell(args, settings, words);
  }
  const ssh = new Ssh(await readCluster(args.stack));
  const program = runsByItself(args.kind, words) ? undefined : join(ssh.directory, "program");
  if (program) await pipeline(process.stdin, createWriteStream(program));
  const { parcel, ...script } = scriptOf(args.kind, settings, words, program);
  const packed = await packJob(ssh.directory, await buildParcel(parcel, ssh.directory));
  return runJob(ssh, { ...script, ...packed, id: newId() });
}

async function openShell(args: Args, settings: string[], words: string[]): Promise<number> {
  if (namesFiles(args.kind, words)) {
    throw new CliError("usage", "An interactive shell cannot use -i. Run a file with `-f`.");
  }
  const ssh = new Ssh(await readCluster(args.stack));
  const command = driverCommand(ssh.cluster, {
    id: newId(),
    title: args.kind,
    input: "terminal",
    command: [args.kind],
    args: [...confOptions(settings), ...words],
  });
  return runSession(ssh, ssh.cluster.manager.name, ["-t"], command);
}
