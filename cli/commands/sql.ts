import type { Argv } from "yargs";
import { PORTS } from "../../components/facts";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import type { Common } from "../options";
import { forward } from "../pages/forward";
import type { Page } from "../pages/pages";
import { type Format, runStatements } from "../sql/statements";
import { Ssh } from "../ssh/ssh";

/** The SQL server on the overlay. */
const SQL: Page = { title: "sql", host: "sql", port: PORTS.sql };

export const builder = (args: Argv<Common>) =>
  args
    .usage(
      "$0 sql [-e STATEMENT…]\n\nForwards a local port to the cluster's SQL server, for JDBC, ODBC and dbt, and prints its address. Runs until Ctrl-C. With -e, runs statements instead, in order and in one session, and prints their results.",
    )
    .option("e", {
      type: "string",
      array: true,
      requiresArg: true,
      description: "A statement to run; may be given more than once",
      coerce: (statements: string[]) => statements.map(statement),
    })
    .option("csv", {
      type: "boolean",
      description: 'Print CSV: NULL is an empty field, an empty text is ""',
    })
    .option("json", { type: "boolean", description: "Print JSON: an array of objects" })
    .conflicts("csv", "json")
    .example("$0 sql", "jdbc:hive2://127.0.0.1:10000 for a BI tool")
    .example("$0 sql -e 'SELECT * FROM sales LIMIT 9'", "A table in this terminal")
    .example("$0 sql --csv -e 'SELECT * FROM sales' > sales.csv", "Save all rows to a file");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

function statement(text: string): string {
  if (text.trim()) return text;
  throw new CliError("usage", "-e: the statement is empty. Give one such as 'SHOW TABLES'.");
}

export async function run({ e, csv, json, stack }: Args): Promise<number> {
  if ((csv || json) && !e) {
    throw new CliError("usage", "--csv and --json need -e STATEMENT.");
  }
  const ssh = new Ssh(await readCluster(stack));
  await requireServer(ssh);
  if (e) {
    const format: Format = csv ? "csv" : json ? "json" : "table";
    return runStatements(ssh, e, format);
  }
  return forward(ssh, SQL, (port) => {
    console.log(`jdbc:hive2://127.0.0.1:${port}`);
    console.error(
      `Use Hive's JDBC driver, without user and password. For dbt: type spark, method thrift, host 127.0.0.1, port ${port}, schema default. For ODBC: SASL, and any user name. See docs/workloads.md.`,
    );
  });
}

async function requireServer(ssh: Ssh): Promise<void> {
  const { manager } = ssh.cluster;
  const service = await ssh.run(manager.name, "docker service inspect sql_server >/dev/null");
  if (service.status === 0) return;
  throw new CliError(
    "noCluster",
    "No SQL server is running. Start one with: pulumi config set sql true && pulumi up (it needs storage: hdfs)",
  );
}
