import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { S3Proxy } from "../harness/s3-proxy";
import { repository } from "../harness/stack";
import { type WorkloadCluster, workloadCluster } from "../harness/workload-cluster";

describe("S3", function () {
  this.timeout("25m");
  let cluster: WorkloadCluster;
  before("a cluster", async () => {
    cluster = await workloadCluster();
    await cluster.s3.bucket("tables");
  });

  const job = (name: string) => join(repository, "test/e2e/jobs", name);
  async function prints(words: string[], expected: string[]): Promise<void> {
    const { status, output } = await cluster.stack.sparkSwarm(["submit", ...words]);
    equal(status, 0, output);
    for (const line of expected) ok(output.split("\n").includes(line), output);
  }

  const corrected = (...folders: string[]) =>
    folders.flatMap((folder) =>
      ["parquet", "csv"].map((kind) => `${folder} ${kind} [('1st', 10), ('2nd', 25)]`),
    );

  it("supports the replacement of single partitions of a table in s3a: and s3:", () => {
    const folders = ["s3a://tables/late", "s3://tables/also-late"];
    return prints([job("late_day.py"), "--", ...folders], corrected(...folders));
  });

  it("does not change how Spark replaces single partitions elsewhere", () => {
    const folder = "file:///tmp/late";
    const local = ["--conf", "spark.master=local[1]"];
    return prints([job("late_day.py"), ...local, "--", folder], corrected(folder));
  });

  it("commits whole outputs without renames", async () => {
    await prints(
      [job("copy_in_s3.py"), "--", "s3://uber/uber.csv", "s3a://tables/copied"],
      ["20 lines"],
    );
    const success = JSON.parse(await cluster.s3.object("tables", "copied/_SUCCESS"));
    equal(success.committer, "magic");
  });

  it("is reached with a job's own temporary keys, for their bucket only", async () => {
    const proxy = await S3Proxy.start(cluster.s3.endpoint);
    try {
      const own = {
        endpoint: proxy.endpoint,
        "access.key": "a-key-of-the-job",
        "secret.key": "its-secret",
        "session.token": "its-token",
      };
      const settings = Object.entries(own).flatMap(([name, value]) => [
        "--conf",
        `spark.hadoop.fs.s3a.bucket.tables.${name}=${value}`,
      ]);
      const words = [job("copy_in_s3.py"), ...settings, "--", "s3a://uber/uber.csv"];
      await prints([...words, "s3a://tables/by-own-keys"], ["20 lines"]);
      ok(proxy.accessKeys.has("a-key-of-the-job"));
    } finally {
      proxy.stop();
    }
  });
});
