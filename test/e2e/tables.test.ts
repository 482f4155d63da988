import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { Jupyter, printed } from "./harness/jupyter";
import { endPrograms, eventually } from "./harness/programs";
import { S3Server } from "./harness/s3-server";
import { Stack } from "./harness/stack";

const trips = join(__dirname, "jobs/trips.py");
const classes = join(__dirname, "jobs/ready_classes.py");
const ROWS = "[(1, 5.0), (2, 7.25), (4, 1.5)] 3 7";

describe("Tables of the format in the settings", function () {
  this.timeout("40m");
  const stack = new Stack("tables");
  let s3: S3Server;
  before("start an S3", async () => {
    s3 = await S3Server.start();
    await s3.bucket("lake");
  });
  after(endPrograms);

  async function job(verb: "make" | "read", format: string): Promise<string> {
    const ended = await stack.sparkSwarm(["submit", trips, "--", verb, format], { seconds: 300 });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }
  async function sql(input: string): Promise<string> {
    const ended = await stack.sparkSwarm(["shell", "spark-sql"], { seconds: 300, input });
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }

  describe("Iceberg", () => {
    before("up", async () => {
      await stack.create({
        "spark.tables": "iceberg",
        'spark.conf["spark.sql.shuffle.partitions"]': "3",
        notebook: "true",
        "workers.count": "1",
        "manager.memory": "5120",
      });
      await stack.up();
    });

    it("is what a job's table is, and the next job's, with its history", async () => {
      const expected = `iceberg hdfs://namenode:8020/warehouse ${ROWS}\n`;
      equal(await job("make", "iceberg"), expected);
      equal(await job("read", "iceberg"), expected);
    });

    it("is what SQL creates and reads, next to tables of Parquet; and other properties are set", async () => {
      const statements = [
        "CREATE TABLE made AS SELECT * FROM iceberg_trips",
        "CREATE TABLE plain USING parquet AS SELECT * FROM iceberg_trips",
        "DELETE FROM made WHERE id = 2",
        "SELECT count(*), 'rows' FROM default.made.snapshots JOIN made JOIN plain",
        "DESCRIBE EXTENDED made",
        "SET spark.sql.shuffle.partitions",
      ];
      const said = await sql(statements.map((statement) => `${statement};\n`).join(""));
      match(said, /^12\trows$/m);
      match(said, /^Provider\s+iceberg\s/m);
      match(said, /^spark\.sql\.shuffle\.partitions\t3$/m);
    });

    it("is in jars after Spark's own, whose class archive is still used", async () => {
      const { stdout, output } = await stack.sparkSwarm(["submit", classes], { seconds: 300 });
      equal(stdout, "driver True executors [True]\n", output);
    });

    it("is read and changed by a notebook's kernel, and seen by the next job", async () => {
      const jupyter = await Jupyter.open(stack);
      try {
        const cells = await jupyter.runCells("pyspark", "python", [
          'spark.sql("DELETE FROM iceberg_trips WHERE id = 4"); print(spark.table("iceberg_trips").count())',
          // With its configuration in another folder, it has the ready classes too.
          `java = spark._jvm.java.lang.ProcessHandle.current().pid()
print("spark.jsa" in open(f"/proc/{java}/maps").read())`,
        ]);
        equal(printed(cells), "2\nTrue\n");
      } finally {
        await jupyter.close();
      }
      match(await job("read", "iceberg"), /\[\(1, 5\.0\), \(2, 7\.25\)\] 3 7$/m);
    });
  });

  describe("Delta, in a warehouse in S3, by another image", () => {
    const hosts = ["manager", "worker-0"];
    let events: string[];
    let former: Awaited<ReturnType<Stack["cluster"]>>;
    before("things of people's on the hosts, and up", async () => {
      for (const host of hosts) {
        await stack.onHost(
          host,
          `echo of ${host} >/data/of-${host}
           docker volume create mine
           echo of ${host} >"$(docker volume inspect --format '{{.Mountpoint}}' mine)/file"
           echo of nobody >"$(docker volume inspect --format '{{.Mountpoint}}' "$(docker volume create)")/file"`,
        );
      }
      events = (await stack.onHost("manager", "ls /var/lib/spark/events")).split("\n");
      former = await stack.cluster();
      await stack.pulumi([
        "config",
        "set-all",
        "--path",
        ...plaintext({
          notebook: "false",
          "spark.tables": "delta",
          "spark.warehouse": "s3a://lake/tables",
          "s3.endpoint": s3.endpoint,
          "s3.pathStyle": "true",
          "s3.accessKey": "key",
          "s3.secretKey": "secret",
        }),
      ]);
      await stack.up();
    });

    it("is what a job's table is, and the next job's, with its history", async () => {
      await sql("CREATE DATABASE mine; CREATE TABLE mine.t AS SELECT 1 AS id;");
      const expected = `delta s3a://lake/tables ${ROWS}\n`;
      equal(await job("make", "delta"), expected);
      equal(await job("read", "delta"), expected);
    });

    it("has its data in the bucket", async () => {
      const objects = await s3.keys("lake");
      ok(
        objects.some((name) => /^tables\/delta_trips\/_delta_log\//.test(name)),
        objects.join(),
      );
      ok(
        objects.some((name) => /^tables\/mine\.db\/t\//.test(name)),
        objects.join(),
      );
    });

    it("has healthy new hosts, whose store has the tables of Parquet", async () => {
      const now = await stack.cluster();
      notEqual(now.image, former.image);
      notEqual(now.workers[0]?.id, former.workers[0]?.id);
      await stack.isWell();
      deepEqual(
        await stack.nodes(),
        hosts.map((host) => `${host} Ready Active`),
      );
      match(await sql("SELECT count(*), 'rows' FROM plain;"), /^3\trows$/m);
      await stack.up("--expect-no-changes");
    });

    for (const host of hosts) {
      it(`keeps the other data of its ${host}: /data and named volumes`, async () => {
        const show = `cat /data/of-${host} "$(docker volume inspect --format '{{.Mountpoint}}' mine)/file"`;
        equal(await stack.onHost(host, show), `of ${host}\nof ${host}\n`);
        const unnamed = "docker volume ls --quiet | grep -cE '^[0-9a-f]{64}$' || true";
        equal(await stack.onHost(host, unnamed), "0\n");
      });
    }

    it("keeps the history of earlier applications", async () => {
      const application = events.find((name) => name.startsWith("app-"));
      const page = `http://history:18080/api/v1/applications/${application}`;
      const inHistory =
        "docker exec $(docker ps -qf label=com.docker.swarm.service.name=spark_history)";
      await eventually(30, async () => {
        match(
          await stack.onHost("manager", `${inHistory} curl -fsS ${page}`),
          /"completed" : true/,
        );
      });
    });
  });
});

function plaintext(config: Record<string, string>): string[] {
  return Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
}
