import yargs, { type Argv } from "yargs";
import { version } from "../package.json";
import { CliError } from "./errors";
import { exitCodes } from "./exit-codes";
import type { Common } from "./options";

/** What a file of commands/ exports. It is loaded only when its command is used. */
interface Command {
  builder(args: Argv<Common>): Argv<Common>;
  run(args: object): Promise<number>;
}

const commands = {
  tunnel: ["tunnel", "Open an SSH tunnel to the web pages of the cluster"],
  browse: ["browse [url]", "Open the cluster's web pages in Chromium or Chrome"],
  ssh: ["ssh <host>", "Get a shell on a host, or run a command there"],
  submit: ["submit <file>", "Run a Spark job: a Python file or a jar"],
  notebook: ["notebook", "Open JupyterLab on the cluster"],
  notebooks: ["notebooks <direction>", "Copy notebooks from a cloud's cluster, or back to it"],
  connect: ["connect", "Forward a local port to Spark Connect"],
  sql: ["sql", "Run SQL, or forward a local port to the SQL server for JDBC, ODBC and dbt"],
  shell: ["shell <kind>", "Open an interactive Spark shell: pyspark, spark-shell or spark-sql"],
  copy: ["copy <paths..>", "Copy files into the cluster's store, or its S3, for all jobs"],
  get: ["get <paths..>", "Fetch files from the cluster's store, or its S3"],
  ls: ["ls [paths..]", "List files in the cluster's store, or its S3"],
  du: ["du [paths..]", "Show disk usage in the cluster's store, or its S3"],
  rm: ["rm <paths..>", "Remove files from the cluster's store, or its S3"],
  status: ["status", "Show the health of hosts, services, Spark and disks"],
  cost: ["cost", "Show what the cluster costs"],
  extend: ["extend <duration>", "Extend the cluster's lifetime"],
  ephemeral: ["ephemeral <file>", "Run a Spark job on a temporary cluster"],
  clone: ["clone", "Create a stack with the settings of another one"],
  reap: ["reap", "Destroy every cluster whose lifetime has passed"],
} as const;

/** Options that may be given more than once. */
const repeatable = new Set(["_", "--", "conf", "c", "e", "forward", "paths"]);

/** Runs the command line; resolves to the exit status. Failures are reported on standard error. */
export async function main(argv: string[]): Promise<number> {
  let status: number = exitCodes.ok;
  const parser = yargs(argv)
    .scriptName("spark-swarm")
    .usage("$0 COMMAND\n\nManages the Spark cluster of a Pulumi stack.")
    .option("stack", {
      type: "string",
      requiresArg: true,
      description: "The Pulumi stack (default: the selected one)",
    })
    .parserConfiguration({
      "populate--": true,
      "greedy-arrays": false,
      "parse-positional-numbers": false,
      "camel-case-expansion": false,
      "nargs-eats-options": true,
    })
    .check((args) => {
      const twice = Object.keys(args).find(
        (key) => Array.isArray(args[key]) && !repeatable.has(key),
      );
      if (twice) throw new CliError("usage", `--${twice} is given twice.`);
      return true;
    })
    .demandCommand(1, "Give one of the commands below.")
    .strict()
    .recommendCommands()
    .completion("completion", "Print a script that completes commands and options in bash and zsh")
    .help()
    .alias("help", "h")
    .version(version)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .epilogue("Exit statuses: see cli/exit-codes.ts.")
    .exitProcess(false)
    .fail((message, error) => {
      const missing = message?.startsWith("Not enough non-option arguments");
      throw error ?? new CliError("usage", missing ? "An argument is missing." : message);
    });

  for (const [name, [command, description]] of Object.entries(commands)) {
    const load = (): Command => require(`./commands/${name}`);
    parser.command(
      command,
      description,
      (args) => load().builder(args),
      async (args) => {
        status = await load().run(args);
      },
    );
  }

  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader of our output has closed its end (`| head`).
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
  });
  try {
    await parser.parseAsync();
    return status;
  } catch (error) {
    return report(error, argv);
  }
}

function report(error: unknown, argv: string[]): number {
  const known =
    error instanceof CliError
      ? error
      : error instanceof Error && error.name === "YError"
        ? new CliError("usage", error.message)
        : new CliError("defect", `Internal error: ${describe(error)}`);
  const options = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  if (options.includes("--json")) {
    const { code, status, message } = known;
    console.log(JSON.stringify({ error: { code, status, message } }));
    return status;
  }
  console.error(`spark-swarm: ${known.message}`);
  if (known.code === "usage") {
    const command = argv.find((word) => word in commands);
    console.error(`See: spark-swarm ${command ? `${command} ` : ""}--help`);
  }
  return known.status;
}

/** A defect's message; with SPARK_SWARM_DEBUG set, its stack trace. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env.SPARK_SWARM_DEBUG ? (error.stack ?? error.message) : error.message;
}
