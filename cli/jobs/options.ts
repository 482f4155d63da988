import type { Argv } from "yargs";
import { CliError } from "../errors";
import { type Common, sparkOptions } from "../options";

const text = (description: string) => ({ type: "string", requiresArg: true, description }) as const;
/** Options whose values may begin with a dash. */
const words = (description: string) => ({ type: "string", nargs: 1, description }) as const;
const count = (description: string) =>
  ({ type: "number", requiresArg: true, description }) as const;

/** Options of spark-submit that have no meaning here, and why, or what to use. */
const MEANINGLESS = {
  master:
    "jobs always run on the cluster's own master: leave it out. To run only in the driver, use `--conf spark.master=local[2]`.",
  "deploy-mode":
    "the driver always runs on the cluster's manager, and submit shows its output: leave it out.",
  principal: "the cluster has no Kerberos. S3 keys are set in its configuration: s3.accessKey.",
  keytab: "the cluster has no Kerberos. S3 keys are set in its configuration: s3.accessKey.",
  "proxy-user": "all jobs run as the cluster's one user, spark: leave it out.",
  queue: "there are no queues. Limit a job with --total-executor-cores.",
  supervise: "a failed driver is not restarted: submit exits with its status.",
  "driver-cores":
    "the driver may use all CPUs of the manager: `pulumi config set --path manager.cpus 4` gives it more.",
  kill: "Ctrl-C in the terminal of submit stops its job.",
  status: "`spark-swarm status` shows the jobs that run.",
  remote: "`spark-swarm connect` gives Spark Connect a local address.",
} as const;
/** Values that are accepted all the same, because they are true anyway. */
const HARMLESS: Record<string, RegExp> = {
  master: /^spark:\/\/master:7077$/,
  "deploy-mode": /^client$/,
};

/** The options of spark-submit that submit and ephemeral accept. */
export const jobOptions = (args: Argv<Common>) =>
  sparkOptions(withMeaningless(args))
    .positional("file", {
      type: "string",
      demandOption: true,
      description: "The job: a .py or .jar here, or local:///PATH in the image",
    })
    .option("class", text("The main class of a jar"))
    .option("name", text("The application's name (default: the file's)"))
    .option(
      "py-files",
      text(
        "Python files, packages (folders), zips to import from; separated by commas, patterns too",
      ),
    )
    .option("requirements", text("A file of Python packages for pip, for driver and executors"))
    .option(
      "archives",
      text(
        "Archives to unpack in working directories, ENV.tar.gz#NAME; a Python environment is used",
      ),
    )
    .option("files", text("Files and folders for the working directories of driver and executors"))
    .option("jars", text("Jars for driver and executors"))
    .option("properties-file", text("A file of Spark settings; --conf overrides it"))
    .option("driver-memory", text("Memory of the driver, 2g"))
    .option("executor-memory", text("Memory of each executor, 1g"))
    .option("executor-cores", count("Cores of each executor"))
    .option("num-executors", count("Maximum number of executors"))
    .option("total-executor-cores", count("Maximum number of cores of all executors"))
    .option("repositories", text("More Maven repositories for --packages"))
    .option("exclude-packages", text("Packages to exclude from --packages, GROUP:NAME"))
    .option("driver-class-path", text("Jars only for the driver, separated by colons"))
    .option("driver-library-path", text("Folders of native libraries on the driver's host"))
    .option("driver-java-options", words("Java options for the driver"))
    .option("verbose", {
      type: "boolean",
      alias: "v",
      description: "Have spark-submit print its settings",
    })
    .check((given) => {
      check(given);
      return true;
    });

function withMeaningless(args: Argv<Common>): Argv<Common> {
  for (const name of Object.keys(MEANINGLESS)) {
    args.option(name, { type: name === "supervise" ? "boolean" : "string", hidden: true });
  }
  return args;
}

export type JobArgs = Awaited<ReturnType<typeof jobOptions>["argv"]>;

function check(args: Record<string, unknown>): void {
  for (const [name, why] of Object.entries(MEANINGLESS)) {
    const value = args[name];
    if (value === undefined || HARMLESS[name]?.test(String(value))) continue;
    const said = typeof value === "string" && value !== "" ? ` ${value}` : "";
    throw new CliError("usage", `--${name}${said}: ${why}`);
  }
  for (const name of ["driver-memory", "executor-memory"]) {
    const value = args[name];
    if (value !== undefined && !/^\d+[kmgtp]?b?$/i.test(String(value))) {
      throw new CliError(
        "usage",
        `--${name} ${value}: memory must be a number and a unit, such as 512m or 2g.`,
      );
    }
  }
  for (const name of ["executor-cores", "num-executors", "total-executor-cores"]) {
    const value = args[name];
    if (value !== undefined && !(Number.isInteger(value) && Number(value) > 0)) {
      throw new CliError("usage", `--${name} must be a whole number, 1 or more.`);
    }
  }
  if (args["num-executors"] !== undefined && args["total-executor-cores"] !== undefined) {
    throw new CliError(
      "usage",
      "--num-executors and --total-executor-cores both limit the executors: give only one of them.",
    );
  }
}

/** Options whose values go to spark-submit as they are. */
const PASSED = [
  "class",
  "packages",
  "repositories",
  "exclude-packages",
  "driver-memory",
  "executor-memory",
  "executor-cores",
  "total-executor-cores",
  "driver-library-path",
  "driver-java-options",
] as const;

export const passedOptions = (args: JobArgs): string[] => [
  ...PASSED.flatMap((name) => {
    const value = args[name];
    return value === undefined ? [] : [`--${name}`, String(value)];
  }),
  ...(args.verbose ? ["--verbose"] : []),
];

/**
 * The total number of cores of all executors. On its own master Spark has no option for the number of executors, but
 * one for cores. An executor has one core unless set otherwise, as where Spark has that option.
 */
export function executorLimits(executors: number, cores: number | undefined): string[] {
  const each = cores ?? 1;
  return [`spark.executor.cores=${each}`, `spark.cores.max=${executors * each}`];
}
