import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { eventually } from "../harness/programs";
import { repository } from "../harness/stack";
import {
  EVENTS,
  type WorkloadCluster,
  workloadCluster,
  workloadStack,
} from "../harness/workload-cluster";

// The last of its folder: it destroys their cluster.
describe("A cluster with all that people may use", function () {
  this.timeout("10m");
  let cluster: WorkloadCluster;
  before("a cluster", async () => {
    cluster = await workloadCluster();
  });

  it("is not changed by a second up", async () => {
    await cluster.stack.up("--expect-no-changes");
    deepEqual((await cluster.stack.status()).problems, []);
  });

  it("has its notebooks at home from the beginning", async () => {
    const { status, stderr } = await cluster.stack.sparkSwarm(["notebooks", "pull"]);
    equal(status, 0);
    match(stderr, /A local cluster's notebooks are in .*\/notebooks: there is nothing to be done/);
  });

  it("leaves the record of its jobs in a bucket, which another cluster shows", async () => {
    const { stack, s3 } = cluster;
    const pi = join(repository, "examples/pi.py");
    const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
    equal(status, 0, output);
    const keys = await s3.keys(EVENTS.bucket);
    const ids = keys.flatMap(
      (key) => /\/eventlog_v2_(app-\d+-\d+)\/appstatus_\1$/.exec(key)?.[1] ?? [],
    );
    const id = ids.sort().at(-1);
    ok(id, keys.join("\n"));
    await stack.destroy();

    const other = await workloadStack("history", s3);
    await other.up();
    const ask = `docker exec $(docker ps -qf name=spark_history) curl -fsS http://history:18080/api/v1/applications/${id}`;
    const { name, attempts } = JSON.parse(
      await eventually(60, () => other.onHost("manager", ask)),
    ) as { name: string; attempts: { completed: boolean }[] };
    equal(name, "pi");
    deepEqual(
      attempts.map(({ completed }) => completed),
      [true],
    );
    await other.destroy();
  });
});
