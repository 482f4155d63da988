import { deepEqual, equal, match } from "node:assert/strict";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { endPrograms, run, succeed } from "../harness/programs";
import { python } from "../harness/python";
import { folder, repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

const BAD = "SELECT nosuch FROM kinds";

/** A column of each kind that a client could get wrong, with a value and with NULL. */
const KINDS = `CREATE TABLE kinds AS
  SELECT if(id = 0, text, NULL) AS text, if(id = 0, '', NULL) AS empty, if(id = 0, 1.10, NULL) AS price,
    if(id = 0, timestamp'2024-01-02 03:04:05.6', NULL) AS at, if(id = 0, true, NULL) AS yes
  FROM range(2), (SELECT 'Zürich, "日本"\\n🙂' AS text)`;
const ALL = "SELECT * FROM kinds ORDER BY text NULLS LAST";
const TEXT = 'Zürich, "日本"\n🙂';

describe("The SQL server", function () {
  this.timeout("25m");
  let stack: Stack;
  /** The server's port at this end of a tunnel. */
  let port: string;
  before("a cluster, and a tunnel to its SQL server", async () => {
    const { stack: shared, log } = await workloadCluster();
    stack = shared;
    match(log, /The SQL server answers/);
    const tunnel = stack.start(["sql"], { seconds: 1500 });
    [, port = ""] = await tunnel.says(/^jdbc:hive2:\/\/127\.0\.0\.1:(\d+)$/m, 60);
  });
  after(endPrograms);

  async function sql(...args: string[]): Promise<string> {
    const ended = await stack.sparkSwarm(["sql", ...args], { seconds: 120 });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }

  it("answers at once after `up`, in CSV, JSON and a table", async () => {
    equal(await sql("-e", KINDS), "");
    equal(
      await sql("--csv", "-e", ALL),
      `text,empty,price,at,yes\n"Zürich, ""日本""\n🙂","",1.10,2024-01-02 03:04:05.6,true\n,,,,\n`,
    );
    deepEqual(JSON.parse(await sql("--json", "-e", ALL)), [
      { text: TEXT, empty: "", price: 1.1, at: "2024-01-02 03:04:05.6", yes: true },
      { text: null, empty: null, price: null, at: null, yes: null },
    ]);
    match(await sql("-e", "USE default", "-e", ALL), /^NULL +NULL +NULL +NULL +NULL$/m);
  });

  it("reports a statement's error, and runs none after it", async () => {
    const { status, stdout, output } = await stack.sparkSwarm([
      ...["sql", "-e", BAD, "-e", "DROP TABLE kinds"],
    ]);
    deepEqual([status, stdout], [1, ""]);
    match(output, /^spark-swarm: \[UNRESOLVED_COLUMN.*`nosuch`/m);
    equal(await sql("--csv", "-e", "SELECT count(*) AS n FROM kinds"), "n\n2\n");
  });

  it("runs dbt's models and tests", async () => {
    const project = mkdtempSync(join(folder, "dbt-"));
    cpSync(join(__dirname, "dbt"), project, { recursive: true });
    const installed = await succeed([join(repository, "scripts/setup/dbt-env")], { seconds: 300 });
    const dbt = join(installed.trim().split("\n").at(-1) ?? "", "bin/dbt");
    const built = await run([dbt, "--no-use-colors", "build", "--profiles-dir", project], {
      cwd: project,
      env: { ...process.env, SQL_PORT: port, DO_NOT_TRACK: "1" },
      seconds: 180,
    });
    match(built.output, /Done\. PASS=3 WARN=0 ERROR=0 SKIP=0/);
  });

  it("answers a JDBC client", async () => {
    const find = "import pyspark; print(pyspark.__path__[0])";
    const spark = (await succeed([await python(), "-c", find], { seconds: 60 })).trim();
    const jdbc = ["-u", `jdbc:hive2://127.0.0.1:${port}/shop`, "--outputformat=csv2"];
    const printed = await succeed(
      [
        ...["java", "-cp", `${spark}/jars/*`, "org.apache.hive.beeline.BeeLine", ...jdbc],
        ...["-e", "SELECT city, orders, amount FROM cities ORDER BY city"],
      ],
      { seconds: 60 },
    );
    // Its prompt precedes the first line.
    match(printed, /city,orders,amount\nGenève,50,3750\.00\nZürich,50,3675\.00$/m);
  });

  it("answers only on the overlay, as does its web UI", async () => {
    const { manager } = await stack.cluster();
    for (const [host, address] of [
      ["manager", "127.0.0.1"],
      ["worker-0", manager.privateAddress],
    ] as const) {
      equal(
        await stack.onHost(host, `(exec 3<>/dev/tcp/${address}/10000) 2>/dev/null || echo closed`),
        "closed\n",
      );
    }
    const page = "curl --silent --fail http://sql:4040/sqlserver/";
    match(
      await stack.onHost(
        "manager",
        `docker exec $(docker ps --quiet --filter name=spark_master) ${page}`,
      ),
      /JDBC\/ODBC Server/,
    );
  });
});
