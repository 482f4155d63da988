import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { isReplaced, isReported } from "../harness/lost-hosts";
import { mainCluster } from "../harness/main-cluster";
import { endPrograms, eventually, succeed } from "../harness/programs";
import { repository, type Stack } from "../harness/stack";

const nodes = ["manager Ready Active", "worker-0 Ready Active", "worker-1 Ready Active"];

describe("A cluster with a fault", function () {
  this.timeout("25m");
  let stack: Stack;
  beforeEach("a cluster", async () => {
    stack = await mainCluster();
  });
  afterEach(endPrograms);

  const onThisMachine = (...command: string[]) => succeed(command, { seconds: 60 });

  /** Checks that the cluster is as after its first up, and runs a job. */
  async function isWell(): Promise<void> {
    const { workers } = await stack.isWell();
    deepEqual(await stack.nodes(), nodes);
    equal(workers.filter(({ state }) => state === "ALIVE").length, 2);
    const pi = ["submit", join(repository, "examples/pi.py"), "--", "4"];
    const { stdout, output } = await stack.sparkSwarm(pi);
    match(stdout, /^\{"pi": 3\.141421, "partitions": 4\}$/m, output);
  }

  it("reports a lost worker host, and gets another one with up", async () => {
    const former = await stack.cluster();
    await onThisMachine("docker", "rm", "--force", "--volumes", stack.container("worker-0"));
    await isReported(stack, "worker-0");
    await stack.up();
    await isReplaced(stack, "worker-0", former);
    await stack.isWell();
  });

  it("recovers from a crash of the manager's Docker engine", async () => {
    const pid = "pgrep -o -x dockerd";
    const former = (await stack.onHost("manager", pid)).trim();
    await stack.onHost("manager", "pkill -KILL -x dockerd");
    await eventually(30, async () => notEqual((await stack.onHost("manager", pid)).trim(), former));
    await isWell();
    await stack.up("--expect-no-changes");
  });

  it("continues a running job after a crash of Spark's master", async () => {
    const words = ["submit", join(repository, "test/e2e/jobs/slow_sum.py")];
    const job = stack.start(words, { seconds: 300 });
    await job.says(/^round 3$/m, 120);
    await stack.onHost("manager", "docker kill $(docker ps -qf name=spark_master)");
    const { status, stdout, output } = await job.ended;
    equal(status, 0, output);
    match(stdout, /^sum 120$/m);
    await isWell();
  });

  it("is formed again by up when the manager host is killed", async () => {
    const former = await stack.cluster();
    await onThisMachine("docker", "kill", stack.container("manager"));
    const status = await stack.sparkSwarm(["status"]);
    equal(status.status, 68, status.output);
    match(status.output, /manager/);
    await stack.up();
    const now = await stack.cluster();
    deepEqual(
      now.workers.map(({ id }) => id),
      former.workers.map(({ id }) => id),
      "the workers are the same",
    );
    await isWell();
    await stack.up("--expect-no-changes");
  });
});
