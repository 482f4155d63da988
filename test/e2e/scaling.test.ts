import { deepEqual, equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { endPrograms, pause } from "./harness/programs";
import { sharedCluster } from "./harness/shared-cluster";
import { folder, type Stack } from "./harness/stack";

describe("Scaling while a job runs", function () {
  this.timeout("10m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await sharedCluster();
  });
  afterEach(endPrograms);

  it("2 → 3 → 1 workers: data comes to new hosts, leaving ones hand over, the job's answer is right", async () => {
    const file = join(folder, "copied before.txt");
    writeFileSync(file, "to be on every host\n");
    equal((await stack.sparkSwarm(["copy", file, "--to", "/data/scaling"])).status, 0);
    const job = ["submit", join(__dirname, "jobs/until_told.py"), "--", "scaling/told"];
    const program = stack.start(job, { seconds: 400 });
    await program.says(/^round 1$/m, 60);

    await stack.configure("workers", "3");
    await stack.up();
    deepEqual(await stack.nodes(), [
      "manager Ready Active",
      "worker-0 Ready Active",
      "worker-1 Ready Active",
      "worker-2 Ready Active",
    ]);
    const { workers } = await stack.status();
    deepEqual(
      workers.map(({ host, state, coresUsed }) => `${host} ${state} ${coresUsed}`),
      ["worker-0 ALIVE 1", "worker-1 ALIVE 1", "worker-2 ALIVE 1"],
      "the job has spread to the new worker",
    );
    // Seconds since 1970: the file's arrival, and the start of the worker's container.
    const times = await stack.onHost(
      "worker-2",
      `stat --format %Z "/data/scaling/copied before.txt"
       date +%s -d "$(docker inspect --format '{{.State.StartedAt}}' $(docker ps -qf name=spark_worker))"`,
    );
    const [arrived = 0, started = 0] = times.trim().split("\n").map(Number);
    ok(arrived > 0 && arrived <= started, `the file came at ${arrived}, the worker at ${started}`);

    await stack.configure("workers", "1");
    const states = new Set<string>();
    let over = false;
    const watch = (async () => {
      while (!over) {
        const status = await stack.status().catch(() => undefined);
        for (const { host, state } of status?.workers ?? []) states.add(`${host} ${state}`);
        await pause(500);
      }
    })();
    const lines = await stack.up();
    over = true;
    await watch;
    match(lines, /draining worker-1/);
    match(lines, /draining worker-2/);
    ok(
      [...states].some((line) => line.endsWith(" DECOMMISSIONED")),
      `Spark was told that they leave: ${[...states].join(", ")}`,
    );
    deepEqual(await stack.nodes(), ["manager Ready Active", "worker-0 Ready Active"]);
    deepEqual(await stack.objects(), [
      `container ${stack.container("manager")}`,
      `container ${stack.container("worker-0")}`,
      `network ${stack.label}-hosts`,
      `volume ${stack.label}-manager-disk`,
      `volume ${stack.label}-worker-0-disk`,
    ]);

    await stack.onHost("manager", "touch /data/scaling/told");
    const { status, stdout, output } = await program.ended;
    equal(status, 0, output);
    match(stdout, /^\{"rounds": \d+, "wrong": 0\}$/m);
    const after = await stack.status();
    deepEqual([after.problems, after.exitStatus], [[], 0]);
    await stack.up("--expect-no-changes");
  });

  // The next up, of whatever test, makes it so.
  after("two workers again", () => stack.configure("workers", "2"));
});
