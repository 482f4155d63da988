import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { endPrograms, eventually, succeed } from "./harness/programs";
import { sharedCluster } from "./harness/shared-cluster";
import { type Cluster, repository, type Stack } from "./harness/stack";

const nodes = ["manager Ready Active", "worker-0 Ready Active", "worker-1 Ready Active"];

describe("A cluster with a fault", function () {
  this.timeout("10m");
  let stack: Stack;
  beforeEach("a cluster", async () => {
    stack = await sharedCluster();
  });
  afterEach(endPrograms);

  const onThisMachine = (...command: string[]) => succeed(command, { seconds: 60 });

  /** All is as after a first up, and a job runs. */
  async function isWell(): Promise<void> {
    deepEqual(await stack.nodes(), nodes);
    const status = await eventually(60, async () => {
      const now = await stack.status();
      deepEqual(now.problems, []);
      return now;
    });
    equal(status.exitStatus, 0);
    equal(status.workers.filter(({ state }) => state === "ALIVE").length, 2);
    const pi = ["submit", join(repository, "examples/pi.py"), "--", "4"];
    const { stdout, output } = await stack.sparkSwarm(pi);
    match(stdout, /^\{"pi": 3\.141421, "partitions": 4\}$/m, output);
  }

  /** Exactly this host is another machine than before; the others are the same. */
  async function isReplaced(host: string, former: Cluster): Promise<void> {
    const now = await stack.cluster();
    for (const [index, { name, id }] of now.workers.entries()) {
      const before = former.workers[index]?.id;
      if (name === host) notEqual(id, before, `${name} is another one`);
      else equal(id, before, `${name} is the same`);
    }
    deepEqual(await stack.nodes(), nodes);
  }

  /** Status tells of this host, and of no other. */
  async function isTold(host: string): Promise<void> {
    const { exitStatus, problems } = await stack.status();
    equal(exitStatus, 1);
    const hosts = problems.flatMap(
      (problem) => /Host (\S+) does not answer/.exec(problem)?.[1] ?? [],
    );
    deepEqual(hosts, [host], problems.join("\n"));
  }

  it("goes on when a worker host is killed, says so, and gets another one by up", async () => {
    const job = ["submit", join(__dirname, "jobs/until_told.py"), "--", "told"];
    const program = stack.start(job, { seconds: 300 });
    await program.says(/^round 1$/m, 60);
    const former = await stack.cluster();
    await onThisMachine("docker", "kill", stack.container("worker-1"));
    await isTold("worker-1");
    // Spark goes on without it: what was computed there is computed again.
    const rounds = program.output.match(/^round/gm)?.length ?? 0;
    await program.says(new RegExp(`^round ${rounds + 2}$`, "m"), 180);

    await stack.up();
    await isReplaced("worker-1", former);
    await stack.onHost("manager", "touch /data/told");
    const { status, stdout } = await program.ended;
    equal(status, 0);
    match(stdout, /"wrong": 0\}$/m);
    equal((await stack.status()).exitStatus, 0);
  });

  it("says when a worker host is gone, and gets another one by up", async () => {
    const former = await stack.cluster();
    await onThisMachine("docker", "rm", "--force", "--volumes", stack.container("worker-0"));
    await isTold("worker-0");
    await stack.up();
    await isReplaced("worker-0", former);
    equal((await stack.status()).exitStatus, 0);
  });

  it("is back when the manager's Docker engine has crashed", async () => {
    const pid = "pgrep -o -x dockerd";
    const former = (await stack.onHost("manager", pid)).trim();
    await stack.onHost("manager", "pkill -KILL -x dockerd");
    await eventually(30, async () => notEqual((await stack.onHost("manager", pid)).trim(), former));
    await eventually(60, async () => equal((await stack.status()).exitStatus, 0));
    await isWell();
    await stack.up("--expect-no-changes");
  });

  it("is formed anew by up when the manager host is killed", async () => {
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
