import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { endPrograms, eventually, succeed } from "./harness/programs";
import { sharedCluster } from "./harness/shared-cluster";
import { repository, type Stack } from "./harness/stack";

const untilTold = join(__dirname, "jobs/until_told.py");
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

  for (const { fault, command, host } of [
    { fault: "is killed", command: ["kill"], host: "worker-1" },
    { fault: "is gone", command: ["rm", "--force", "--volumes"], host: "worker-0" },
  ]) {
    it(`goes on when a worker host ${fault}, says so, and gets another one by up`, async () => {
      const told = `told-${host}`;
      const program = stack.start(["submit", untilTold, "--", told], { seconds: 300 });
      await program.says(/^round 1$/m, 60);
      const former = (await stack.cluster()).workers;
      await onThisMachine("docker", ...command, stack.container(host));

      const status = await stack.status();
      equal(status.exitStatus, 1);
      ok(
        status.problems.some((problem) => problem.includes(`Host ${host} does not answer`)),
        status.problems.join("\n"),
      );
      const others = status.problems.filter((problem) => /Host (?!worker-)/.test(problem));
      deepEqual(others, []);

      if (fault === "is killed") {
        // Spark goes on without it: what was computed there is computed again.
        const rounds = program.output.match(/^round/gm)?.length ?? 0;
        await program.says(new RegExp(`^round ${rounds + 2}$`, "m"), 180);
      }
      await stack.up();
      await stack.onHost("manager", `touch /data/${told}`);
      const { status: exitStatus, stdout } = await program.ended;
      equal(exitStatus, 0);
      match(stdout, /"wrong": 0\}$/m);

      const now = (await stack.cluster()).workers;
      for (const [index, { name, id }] of now.entries()) {
        const before = former[index]?.id;
        if (name === host) notEqual(id, before, `${name} is another one`);
        else equal(id, before, `${name} is the same`);
      }
      await isWell();
    });
  }

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
