import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { endPrograms, eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

const keep = join(__dirname, "jobs/keep.py");
const EXCLUDED = "/var/lib/spark/namenode/exclude";
const ROWS = "1000 499500\n";

describe("A cluster with storage", function () {
  this.timeout("25m");
  const stack = new Stack("storage");
  before("up", async () => {
    await stack.create({ storage: "hdfs", workers: "3" });
    await stack.up();
  });
  after(endPrograms);

  async function submit(...args: string[]): Promise<string> {
    const ended = await stack.sparkSwarm(["submit", keep, "--", ...args], { seconds: 300 });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }
  const store = async () => (await stack.status()).store;

  it("keeps what a job writes, to a path and to a table", async () => {
    equal(await submit("write", "/data/out"), ROWS);
    equal(await submit("read", "/data/out"), ROWS);
  });

  it("has the table in SQL, by which others are made", async () => {
    const sql = async (input: string) => {
      const ended = await stack.sparkSwarm(["shell", "spark-sql"], { seconds: 300, input });
      equal(ended.status, 0, ended.output);
      return ended.stdout;
    };
    await sql("CREATE TABLE t AS SELECT * FROM range(10);");
    match(await sql("SELECT sum(kept.id) FROM kept JOIN t ON kept.id = t.id;"), /^45$/m);
  });

  it("is shown by status", async () => {
    await eventually(60, async () => {
      equal((await store())?.underReplicated, 0);
    });
    match((await stack.sparkSwarm(["status"])).output, /^Store\n +\S+ \S+ used .* on 3 hosts/m);
  });

  it("is there again after its directory tree and its tables' server were killed", async () => {
    await stack.onHost(
      "manager",
      "docker kill $(docker ps --quiet --filter name=spark_namenode --filter name=spark_metastore)",
    );
    await stack.isWell();
    equal(await submit("read", "/data/out"), ROWS);
  });

  it("is whole when two of three hosts are taken away", async () => {
    await stack.configure("workers", "1");
    match(await stack.up(), /the store: 2 hosts hand over/);
    // Until then their copies count.
    await eventually(120, async () => {
      equal((await store())?.hosts, 1);
    });
    equal((await store())?.missing, 0);
    equal(await submit("read", "/data/out"), ROWS);
  });

  it("gives their addresses' next owners blocks again", async () => {
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
