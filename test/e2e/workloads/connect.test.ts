import { equal, ok } from "node:assert/strict";
import { type Program, succeed } from "../harness/programs";
import { python } from "../harness/python";
import { workloadCluster } from "../harness/workload-cluster";

describe("Spark Connect", function () {
  this.timeout("25m");
  let address: string;
  let program: Program;
  before("a cluster that serves it", async () => {
    const { stack } = await workloadCluster();
    program = stack.start(["connect"], { seconds: 300 });
    [, address = ""] = await program.says(/^(sc:\/\/\S+)$/m, 90);
  });
  after(async () => {
    program?.signal("SIGINT");
    await program?.ended;
  });

  async function run(code: string): Promise<string> {
    const session = `from pyspark.sql import SparkSession\naddress = "${address}"\n`;
    return (await succeed([await python(), "-c", session + code], { seconds: 120 })).trim();
  }

  it("runs DataFrames of a program outside", async () => {
    const printed = await run(`
spark = SparkSession.builder.remote(address).getOrCreate()
print(spark.range(10**7).selectExpr("sum(id)").collect())`);
    equal(printed, "[Row(sum(id)=49999995000000)]");
  });

  it("leaves most of the cluster to others", async () => {
    const { stack } = await workloadCluster();
    const { applications, workers } = await stack.status();
    const cores = workers.reduce((sum, worker) => sum + worker.cores, 0);
    const server = applications.find(({ name }) => name === "Spark Connect");
    ok(server && server.cores <= cores / 3, `${server?.cores} of ${cores}`);
  });

  it("reads S3 with the cluster's keys", async () => {
    const printed = await run(`
spark = SparkSession.builder.remote(address).getOrCreate()
print(spark.read.csv("s3a://uber/uber.csv").count())`);
    equal(printed, "20");
  });

  it("lets clients of one session see each other's temporary views", async () => {
    const printed = await run(`
import uuid
shared = f"{address}/;user_id=team;session_id={uuid.uuid4()}"
first = SparkSession.builder.remote(shared).create()
second = SparkSession.builder.remote(shared).create()
first.range(7).createOrReplaceTempView("seven")
print(second.sql("SELECT count(*) AS found FROM seven").collect())`);
    equal(printed, "[Row(found=7)]");
  });
});
