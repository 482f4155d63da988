import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { mainCluster } from "../harness/main-cluster";
import { endPrograms } from "../harness/programs";
import { repository, type Stack } from "../harness/stack";

const hungry = join(__dirname, "../jobs/hungry.py");
const pi = join(repository, "examples/pi.py");

describe("A lack of memory", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
  });
  after(endPrograms);
  /** The end of a failed job's output. */
  const lastLines = (output: string) => output.trimEnd().split("\n").slice(-3).join("\n");

  it("on a worker ends only the job, with the host and the settings in its message", async () => {
    const service = `docker service ps --format '{{.ID}} {{.CurrentState}}' spark_worker spark_master spark_history | grep Running | cut -d ' ' -f 1`;
    const tasks = await stack.onHost("manager", service);
    const args = ["submit", hungry, "--", "python-of-executors", "3000000000"];
    const { status, output } = await stack.sparkSwarm(args, { seconds: 300 });
    equal(status, 1, output);
    match(
      lastLines(output),
      /^spark-swarm: Memory ran out on worker-\d \(\d+ process.*\n.*\n.*workers\.memory.*spark\.task\.cpus/,
    );
    equal(await stack.onHost("manager", service), tasks, "master and workers live");
    const { output: text } = await stack.sparkSwarm(["status"]);
    match(text, /worker-\d .*memory ran out: \d+ process(es)? killed since it started/);
    equal((await stack.sparkSwarm(["submit", pi, "--", "2"])).status, 0);
  });

  it("on the manager ends the driver, with its limit and the settings in its message", async () => {
    const args = ["submit", hungry, "--", "python-of-driver", "4000000000"];
    const { status, output } = await stack.sparkSwarm(args, { seconds: 300 });
    equal(status, 137, output);
    match(
      lastLines(output),
      /spark-swarm: memory ran out in the driver's container\. Its limit is 2048 MiB: spark\.driver\.memory=1024m .*\nspark-swarm: the manager has no more memory for drivers\. Give it more \(manager\.memory, .*\)\.$/,
    );
    match((await stack.sparkSwarm(["status"])).output, /All is well\./);
  });

  it("prevents the start if the driver's Java alone would not fit", async () => {
    const memory = ["--conf", "spark.driver.memory=20g"];
    const { status, output } = await stack.sparkSwarm(["submit", pi, ...memory]);
    equal(status, 64, output);
    match(
      output,
      /asks for spark\.driver\.memory=20480m, but the manager has only 2048 MiB for drivers/,
    );
  });

  it("in a Java heap is reported with the process and its setting", async () => {
    const heaps = ["java-of-executors", "java-of-driver"].map((whose) =>
      stack.sparkSwarm(["submit", hungry, "--", whose, "2000000000"], { seconds: 300 }),
    );
    const [executors, driver] = await Promise.all(heaps);
    match(
      lastLines(executors?.output ?? ""),
      /Executors ran out of memory: .*spark\.executor\.memory=1g\.\n.*the largest worker offers 1 GB/,
    );
    match(
      lastLines(driver?.output ?? ""),
      /The driver ran out of memory: .*spark\.driver\.memory=1g\./,
    );
    deepEqual([executors?.status, driver?.status], [1, 1]);
  });

  it("is shown by status, for an application whose executors fit no worker", async () => {
    const program = stack.start(["submit", pi, "--conf", "spark.executor.memory=50g"], {
      seconds: 300,
    });
    await program.says(/No worker is large enough for executors of 50 GB\. Ask for at most/, 100);
    const { output } = await stack.sparkSwarm(["status"]);
    match(output, /pi .*WAITING.*No worker is large enough for executors of 50 GB/i);
    program.signal("SIGINT");
    equal((await program.ended).status, 130);
  });
});
