import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mainCluster } from "../harness/main-cluster";
import { endPrograms, eventually } from "../harness/programs";
import type { Stack } from "../harness/stack";

const jobs = join(__dirname, "../jobs");
const ROWS = "1000 499500\n";

describe("A cluster with storage", function () {
  this.timeout("25m");
  let stack: Stack;
  const home = mkdtempSync(join(tmpdir(), "spark-swarm-home-"));
  before("a cluster", async () => {
    stack = await mainCluster();
  });
  after(async () => {
    rmSync(home, { recursive: true });
    await endPrograms();
  });

  async function submit(...args: string[]): Promise<string> {
    const ended = await stack.sparkSwarm(["submit", join(jobs, "keep.py"), "--", ...args], {
      seconds: 300,
    });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }
  const store = async () => (await stack.status()).store;

  it("keeps a job's output, in a path and in a table", async () => {
    equal(await submit("write", "/data/kept/out"), ROWS);
    equal(await submit("read", "/data/kept/out"), ROWS);
  });

  /** Runs one of the tool's commands; returns its output. */
  async function says(...args: string[]): Promise<string> {
    const ended = await stack.sparkSwarm(args);
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }

  it("refuses to be destroyed while it has the only copy of files", async () => {
    const { status, output } = await stack.tryPulumi(["destroy", "--yes", "--skip-preview"]);
    notEqual(status, 0, output);
    match(output, /alone:.*\/data\/kept {2}4 files, .*\/warehouse\/kept {2}4 files/s);
    match(output, /SPARK_SWARM_DISCARD_STORE=1 pulumi destroy/);
    await stack.isWell();
  });

  it("accepts files, and returns them and its own, also as one file", async () => {
    writeFileSync(join(home, "東京 1.csv"), "id\n1\n");
    await says("copy", join(home, "東京 1.csv"), "--to", "/data/kept/in");
    match(await says("ls", "/data/kept/in"), /5 B +\/data\/kept\/in\/東京 1\.csv$/m);
    await says("get", "/data/kept/in/東京 1.csv", "/data/kept/out", "--to", join(home, "got"));
    equal(readFileSync(join(home, "got/東京 1.csv"), "utf8"), "id\n1\n");
    equal(
      readdirSync(join(home, "got/out")).filter((name) => /^part-.*parquet$/.test(name)).length,
      4,
    );
    await says("get", "/data/kept/out", "--as", "out.csv", "--to", home);
    const [header, ...ids] = readFileSync(join(home, "out.csv"), "utf8").trim().split("\n");
    equal(header, '"id"');
    deepEqual(
      ids.map(Number).sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, id) => id),
    );
    match(await says("du", "/data/kept"), /\/data\/kept\/out/);
    await says("rm", "-r", "/data/kept/in");
    equal(
      await says("ls", "/data/kept/in/..", "--json").then((text) => JSON.parse(text).length),
      1,
    );
  });

  it("has the table in SQL, which can create others", async () => {
    const sql = async (input: string) => {
      const ended = await stack.sparkSwarm(["shell", "spark-sql"], { seconds: 300, input });
      equal(ended.status, 0, ended.output);
      return ended.stdout;
    };
    await sql("CREATE TABLE t AS SELECT * FROM range(10);");
    match(await sql("SELECT sum(kept.id) FROM kept JOIN t ON kept.id = t.id;"), /^45$/m);
  });

  it("keeps the checkpoints of a job that cuts its lineage", async () => {
    const ranks = ["submit", join(jobs, "ranks.py"), "--", "/tmp/checkpoints"];
    match(await says(...ranks), /^50\.0 50$/m);
  });

  it("continues a stream whose driver, a worker and the master were killed: each row exists once", async () => {
    const words = ["submit", join(jobs, "stream.py"), "--", "10"];
    const first = stack.start(words, { seconds: 300 });
    await first.says(/^batch 2$/m, 200);
    await stack.onHost("manager", "docker kill $(docker ps -qf label=spark-swarm.driver)");
    notEqual((await first.ended).status, 0);
    const second = stack.start(words, { seconds: 400 });
    await second.says(/^batch 5$/m, 200);
    await stack.onHost("worker-1", "docker kill $(docker ps -qf name=spark_worker)");
    await second.says(/^batch 7$/m, 200);
    await stack.onHost("manager", "docker kill $(docker ps -qf name=spark_master)");
    const { status, stdout, output } = await second.ended;
    equal(status, 0, output);
    const [rows = 0, distinct, largest] = (stdout.trim().split("\n").at(-1) ?? "")
      .split(" ")
      .map(Number);
    ok(rows >= 1000, stdout);
    deepEqual([distinct, largest], [rows, rows - 1]);
    await stack.isWell();
  });

  it("is shown by status", async () => {
    await eventually(60, async () => {
      equal((await store())?.underReplicated, 0);
    });
    match((await stack.sparkSwarm(["status"])).output, /^Store\n +\S+ \S+ used .* on 2 hosts/m);
  });

  it("recovers after its NameNode and its metastore were killed", async () => {
    await stack.onHost(
      "manager",
      "docker kill $(docker ps --quiet --filter name=spark_namenode --filter name=spark_metastore)",
    );
    await stack.isWell();
    equal(await submit("read", "/data/kept/out"), ROWS);
  });
});
