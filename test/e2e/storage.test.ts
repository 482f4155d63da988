import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endPrograms, eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

const keep = join(__dirname, "jobs/keep.py");
const EXCLUDED = "/var/lib/spark/namenode/exclude";
const ROWS = "1000 499500\n";

describe("A cluster with storage", function () {
  this.timeout("25m");
  const stack = new Stack("storage");
  const home = mkdtempSync(join(tmpdir(), "spark-swarm-home-"));
  before("up", async () => {
    await stack.create({ workers: "3" });
    await stack.up();
  });
  after(async () => {
    rmSync(home, { recursive: true });
    await endPrograms();
  });

  async function submit(...args: string[]): Promise<string> {
    const ended = await stack.sparkSwarm(["submit", keep, "--", ...args], { seconds: 300 });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }
  const store = async () => (await stack.status()).store;

  it("keeps a job's output, in a path and in a table", async () => {
    equal(await submit("write", "/data/out"), ROWS);
    equal(await submit("read", "/data/out"), ROWS);
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
    match(output, /alone:.*\/data\/out {2}4 files, .*\/warehouse\/kept {2}4 files/s);
    match(output, /SPARK_SWARM_DISCARD_STORE=1 pulumi destroy/);
    await stack.isWell();
  });

  it("accepts files, and returns them and its own, also as one file", async () => {
    writeFileSync(join(home, "東京 1.csv"), "id\n1\n");
    await says("copy", join(home, "東京 1.csv"), "--to", "/data/in");
    match(await says("ls", "/data/in"), /5 B +\/data\/in\/東京 1\.csv$/m);
    await says("get", "/data/in/東京 1.csv", "/data/out", "--to", join(home, "got"));
    equal(readFileSync(join(home, "got/東京 1.csv"), "utf8"), "id\n1\n");
    equal(
      readdirSync(join(home, "got/out")).filter((name) => /^part-.*parquet$/.test(name)).length,
      4,
    );
    await says("get", "/data/out", "--as", "out.csv", "--to", home);
    const [header, ...ids] = readFileSync(join(home, "out.csv"), "utf8").trim().split("\n");
    equal(header, '"id"');
    deepEqual(
      ids.map(Number).sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, id) => id),
    );
    match(await says("du", "/data"), /\/data\/out/);
    await says("rm", "-r", "/data/in");
    equal(await says("ls", "/data/in/..", "--json").then((text) => JSON.parse(text).length), 1);
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
    const ranks = ["submit", join(__dirname, "jobs/ranks.py"), "--", "/tmp/checkpoints"];
    match(await says(...ranks), /^50\.0 50$/m);
  });

  it("continues a stream whose driver, a worker and the master were killed: each row exists once", async () => {
    const words = ["submit", join(__dirname, "jobs/stream.py"), "--", "10"];
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
    match((await stack.sparkSwarm(["status"])).output, /^Store\n +\S+ \S+ used .* on 3 hosts/m);
  });

  it("recovers after its NameNode and its metastore were killed", async () => {
    await stack.onHost(
      "manager",
      "docker kill $(docker ps --quiet --filter name=spark_namenode --filter name=spark_metastore)",
    );
    await stack.isWell();
    equal(await submit("read", "/data/out"), ROWS);
  });

  it("is complete after two of three hosts are removed", async () => {
    await stack.onHost("manager", "mkdir /data/old; echo x >/data/old/before");
    await stack.configure("workers", "1");
    match(await stack.up(), /the store: 2 hosts hand over/);
    // Until then the removed hosts' copies count.
    await eventually(120, async () => {
      equal((await store())?.hosts, 1);
    });
    equal((await store())?.missing, 0);
    // Each `up` that changes hosts adopts such files.
    match(await says("ls", "/data/old"), /2 B +\/data\/old\/before/);
    equal(await submit("read", "/data/out"), ROWS);
  });

  it("gives blocks again to new hosts at the removed hosts' addresses", async () => {
    await stack.configure("workers", "2");
    await stack.up();
    await eventually(120, async () => {
      equal((await store())?.underReplicated, 0);
    });
    equal(
      await stack.onHost(
        "manager",
        `docker exec $(docker ps --quiet --filter name=spark_namenode) cat ${EXCLUDED}`,
      ),
      "",
    );
  });
});
