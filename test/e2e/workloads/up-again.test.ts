import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Jupyter } from "../harness/jupyter";
import { eventually, succeed } from "../harness/programs";
import { repository } from "../harness/stack";
import { EVENTS, type WorkloadCluster, workloadCluster } from "../harness/workload-cluster";

// The last file of its folder: it destroys the folder's cluster.
describe("A cluster with all services", function () {
  this.timeout("25m");
  let cluster: WorkloadCluster;
  before("a cluster", async () => {
    cluster = await workloadCluster();
  });

  it("is not changed by a second up", async () => {
    await cluster.stack.up("--expect-no-changes");
    deepEqual((await cluster.stack.status()).problems, []);
  });

  it("has its notebooks on this machine from the start", async () => {
    const { status, stderr } = await cluster.stack.sparkSwarm(["notebooks", "pull"]);
    equal(status, 0);
    match(stderr, /A local cluster's notebooks are in .*\/notebooks; there is nothing to copy/);
  });

  describe("whose manager was lost", () => {
    const name = `test-${process.pid}-lost.ipynb`;
    /** The id of an application that ran before. */
    let id: string;
    let jupyter: Jupyter;
    before("a notebook, a job, and another manager", async () => {
      const { stack, s3 } = cluster;
      jupyter = await Jupyter.open(stack);
      const content = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
      const body = { type: "notebook", content };
      equal((await jupyter.ask("PUT", `contents/${name}`, body)).status, 201);
      await jupyter.close();
      const pi = join(repository, "examples/pi.py");
      const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
      equal(status, 0, output);
      const keys = await s3.keys(EVENTS.bucket);
      const ids = keys.flatMap(
        (key) => /\/eventlog_v2_(app-\d+-\d+)\/appstatus_\1$/.exec(key)?.[1] ?? [],
      );
      id = ids.sort().at(-1) ?? "";
      ok(id, keys.join("\n"));
      await succeed(["docker", "kill", stack.container("manager")], { seconds: 30 });
      await stack.up();
      jupyter = await Jupyter.open(stack);
    });
    after(async () => {
      await jupyter?.ask("DELETE", `contents/${name}`);
      await jupyter?.close();
    });

    it("still has its notebooks", () =>
      eventually(60, async () =>
        equal((await jupyter.ask("GET", `contents/${name}`)).status, 200),
      ));

    it("keeps its event logs in a bucket, which the new history server shows", async () => {
      const ask = `docker exec $(docker ps -qf name=spark_history) curl -fsS http://history:18080/api/v1/applications/${id}`;
      const { name, attempts } = JSON.parse(
        await eventually(60, () => cluster.stack.onHost("manager", ask)),
      ) as { name: string; attempts: { completed: boolean }[] };
      equal(name, "pi");
      deepEqual(
        attempts.map(({ completed }) => completed),
        [true],
      );
    });
  });

  // Mocha runs a suite's own tests before those of nested suites.
  describe("that is destroyed", () => {
    it("leaves nothing", async () => {
      await cluster.stack.destroy();
      deepEqual(await cluster.stack.objects(), []);
    });
  });
});
