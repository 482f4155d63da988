import assert from "node:assert/strict";
import { driverCommand, newId } from "../../../cli/jobs/driver";
import { applicationOf, executorCores, explainWaiting } from "../../../cli/jobs/waiting";
import { parseFacts } from "../../../cli/status/facts";
import { cluster, factLines } from "./fixtures";

describe("a driver", () => {
  it("has a name that sorts by time", () => {
    assert.match(newId(new Date("2026-11-21T09:30:05.123Z")), /^20261121-093005-[0-9a-f]{4}$/);
  });

  it("gets the cluster's properties, which its own override", () => {
    const properties = { "spark.executor.cores": "4", "spark.executor.memory": "1g" };
    const command = driverCommand(
      { ...cluster, allocation: { mode: "maximize", properties } },
      {
        ...{ id: "1", title: "shell", input: "terminal" },
        command: ["env", "A=b", "pyspark"],
        args: ["--conf", "spark.executor.cores=1"],
      },
    );
    const ending =
      "'spark.executor.cores 4\nspark.executor.memory 1g' terminal env A=b pyspark --conf spark.executor.cores=1";
    assert.ok(command.endsWith(ending), command.slice(-200));
  });

  it("gets its arguments unchanged", () => {
    const command = driverCommand(cluster, {
      ...{ id: "1", title: "my job", input: "files:10240" as const },
      command: ["spark-submit"],
      args: ["/job/main/job.py", "it's; rm -rf /", "", "new\nline", "日本語", "-x"],
    });
    assert.match(
      command,
      / driver\.sh 1 'my job' spark-swarm\/spark:abc spark 10\.201\. '' files:10240 spark-submit \/job\/main\/job\.py 'it'\\''s; rm -rf \/' '' 'new\nline' '日本語' -x$/,
    );
  });
});

describe("a job without executors", () => {
  const spark = parseFacts(factLines().join("\n")).spark[0];
  assert(spark);
  const waiting = {
    ...{ id: "app-2", name: "greedy", cores: 0, memoryperexecutor: 1024 },
    ...{ state: "WAITING", duration: 30_000 },
  };

  it("is identified by the master's record of its driver", () => {
    const lines = [...factLines(), 'application {"id":"app-0"}', 'application {"id":"app-1"}'];
    assert.equal(applicationOf(parseFacts(lines.join("\n")))?.id, undefined);
    assert.equal(
      applicationOf(parseFacts(lines.filter((line) => !line.includes("app-0")).join("\n")))?.id,
      "app-1",
    );
  });

  it("is explained by its request, the cluster's resources, and their users", () => {
    assert.equal(
      explainWaiting(waiting, 2, spark),
      `The job is waiting: it has no executors yet.
It asks for executors with 1 GB and 2 cores each.
Resources of the workers:
  10.201.0.6: 3 GB of 4 GB free, 1 of 2 cores free
  10.201.0.5: 3 GB of 4 GB free, 1 of 2 cores free
They are used by:
  pi (app-1): 2 cores, 1 GB an executor
It starts when one of them ends or gives up cores, or when the stack gets more workers.`,
    );
  });

  it("is explained if no worker is large enough", () => {
    const text = explainWaiting({ ...waiting, memoryperexecutor: 8192 }, undefined, spark);
    assert.match(text, /8 GB and 1 core or more/);
    assert.match(text, /No worker is large enough.*spark\.executor\.memory=4096m/);
    assert.match(explainWaiting(waiting, 3, spark), /spark\.executor\.cores=2/);
  });

  it("is explained if there is no worker", () => {
    const dead = { ...spark, workers: spark.workers.map((one) => ({ ...one, state: "DEAD" })) };
    assert.match(explainWaiting(waiting, undefined, dead), /No worker of the cluster is alive/);
  });

  it("gets its executors' cores from its last setting of them", () => {
    assert.equal(executorCores(["spark.executor.cores=1", "spark.executor.cores=4"]), 4);
    assert.equal(executorCores(["spark.cores.max=4"]), undefined);
  });
});
