import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { mainCluster } from "../harness/main-cluster";
import { endPrograms, eventually, succeed } from "../harness/programs";
import { folder, repository, type Stack } from "../harness/stack";

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

  const stacks = async () =>
    (await stack.onHost("manager", "docker stack ls --format '{{.Name}}'"))
      .trim()
      .split("\n")
      .sort();

  it("recovers from a crash of the manager's Docker engine", async () => {
    const pid = "pgrep -o -x dockerd";
    const former = (await stack.onHost("manager", pid)).trim();
    await stack.onHost("manager", "pkill -KILL -x dockerd");
    await eventually(30, async () => notEqual((await stack.onHost("manager", pid)).trim(), former));
    await isWell();
    await stack.up("--expect-no-changes");
  });

  it("is formed again by up when the manager host is killed, without the stacks that left the configuration", async () => {
    const former = await stack.cluster();
    const file = join(folder, "idle.yml");
    const idle = { image: former.image, entrypoint: ["sleep", "infinity"] };
    writeFileSync(file, stringify({ services: { idle } }));
    await stack.configure("stacks[0].name", "idle");
    await stack.configure("stacks[0].file", file);
    await stack.up();
    deepEqual(await stacks(), ["bastion", "idle", "spark"]);
    await onThisMachine("docker", "kill", stack.container("manager"));
    const status = await stack.sparkSwarm(["status"]);
    equal(status.status, 68, status.output);
    match(status.output, /manager/);
    await stack.pulumi(["config", "rm", "stacks"]);
    await stack.up();
    deepEqual(await stacks(), ["bastion", "spark"]);
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
