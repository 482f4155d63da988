import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { driverCommand, newId } from "../jobs/driver";
import type { Common } from "../options";
import { confOptions, rest, sparkOptions } from "../options";
import { runSession } from "../ssh/session";
import { Ssh } from "../ssh/ssh";

/** A shell that nobody types into gives its executors back; they return with the next command. */
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
      choices: ["pyspark", "spark-shell", "spark-sql"] as const,
      demandOption: true,
      description: "Python, Scala or SQL",
    })
    .usage(
      "$0 shell pyspark|spark-shell|spark-sql [-- ARGUMENTS…]\n\nOpens a Spark shell on the manager. Reads standard input when that is not a terminal. An idle shell holds no executors.",
    )
    .example("$0 shell pyspark", "Python")
    .example("echo 'select 1;' | $0 shell spark-sql", "Run a script");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  // Python, unlike the others, sets up no session where its input is no terminal, unless an option says so.
  const python = terminal ? [] : ["env", "PYSPARK_DRIVER_PYTHON_OPTS=-i"];
  const packages = args.packages ? ["--packages", args.packages] : [];
  const command = driverCommand(ssh.cluster, {
    id: newId(),
    title: args.kind,
    input: terminal ? "terminal" : "pipe",
    command: [...python, args.kind],
    args: [...confOptions([...elastic, ...args.conf]), ...packages, ...rest(args)],
  });
  return runSession(ssh, ssh.cluster.manager.name, [terminal ? "-t" : "-T"], command);
}
