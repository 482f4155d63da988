import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { hostIds } from "./harness/leftovers";
import { isReplaced, isReported } from "./harness/lost-hosts";
import { nothingIsLeft } from "./harness/nothing-left";
import { endPrograms, eventually, type Program, succeed } from "./harness/programs";
import { Stack } from "./harness/stack";

const keep = join(__dirname, "jobs/keep.py");
const ROWS = "1000 499500\n";
/** The hosts whose DataNodes the NameNode refuses. */
const EXCLUDED = "/var/lib/spark/namenode/exclude";

describe("The life of a local cluster", function () {
  this.timeout("25m");
  let stack: Stack;
  /** The job that runs while hosts come and go. */
  let job: Program;
  before("a stack", async () => {
    stack = await new Stack("life").create({ workers: "2", "manager.cpus": "2" });
  });
  after(endPrograms);

  const ready = (...hosts: string[]) => hosts.map((host) => `${host} Ready Active`);

  async function submit(verb: "write" | "read"): Promise<string> {
    const ended = await stack.sparkSwarm(["submit", keep, "--", verb, "/data/out"]);
    equal(ended.status, 0, ended.output);
    return ended.stdout;
  }
  const store = async () => (await stack.status()).store;

  it("begins with up: a healthy Swarm, and Spark has its workers", async () => {
    await stack.up();
    deepEqual(await stack.nodes(), ready("manager", "worker-0", "worker-1"));
    const status = await stack.status();
    deepEqual(status.problems, []);
    equal(status.exitStatus, 0);
    deepEqual(
      status.workers.map(({ host, state }) => `${host} ${state}`),
      ["worker-0 ALIVE", "worker-1 ALIVE"],
    );
    for (const { name, running, desired } of status.services) equal(running, desired, name);
  });

  it("runs a job, whose output is kept", async () => {
    equal(await submit("write"), ROWS);
  });

  it("is not changed by a second up", async () => {
    match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
  });

  it("is not changed by refresh, nor by up after it", async () => {
    await stack.refresh("--expect-no-changes");
    match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
  });

  it("is not changed by preview", async () => {
    const preview = await stack.pulumi(["preview", "--expect-no-changes"]);
    match(preview, /Resources:\n +\d+ unchanged\n/);
  });

  it("grows while a job runs: new hosts have earlier copies, and tasks of the job", async () => {
    await stack.onHost("manager", `mkdir /data/scaling; echo x >"/data/scaling/copied before.txt"`);
    const submit = ["submit", join(__dirname, "jobs/until_released.py"), "--", "scaling/released"];
    job = stack.start(submit, { seconds: 400 });
    await job.says(/^round 1$/m, 60);

    await stack.configure("workers", "3");
    await stack.up();
    deepEqual(await stack.nodes(), ready("manager", "worker-0", "worker-1", "worker-2"));
    const { workers } = await stack.status();
    deepEqual(
      workers.map(({ host, state, coresUsed }) => `${host} ${state} ${coresUsed}`),
      ["worker-0 ALIVE 1", "worker-1 ALIVE 1", "worker-2 ALIVE 1"],
      "the job has spread to the new worker",
    );
    // In seconds since 1970: the file's arrival and the start of the worker's container.
    const times = await stack.onHost(
      "worker-2",
      `stat --format %Z "/data/scaling/copied before.txt"
       date +%s -d "$(docker inspect --format '{{.State.StartedAt}}' $(docker ps -qf name=spark_worker))"`,
    );
    const [arrived = 0, started = 0] = times.trim().split("\n").map(Number);
    ok(arrived > 0 && arrived <= started, `the file came at ${arrived}, the worker at ${started}`);
  });

  it("continues when a worker host is killed, reports it, and gets another one with up", async () => {
    const former = await stack.cluster();
    await succeed(["docker", "kill", stack.container("worker-1")], { seconds: 60 });
    await isReported(stack, "worker-1");
    // Spark continues without it, and recomputes what was lost.
    const rounds = job.output.match(/^round/gm)?.length ?? 0;
    await job.says(new RegExp(`^round ${rounds + 2}$`, "m"), 180);

    await stack.up();
    await isReplaced(stack, "worker-1", former);
    await stack.isWell();
  });

  it("shrinks: leaving hosts hand over their data and blocks, and the job's answer is right", async () => {
    await stack.configure("workers", "1");
    const lines = await stack.up();
    match(lines, /draining worker-1/);
    match(lines, /draining worker-2/);
    match(lines, /the store: 2 hosts hand over/);
    // The state itself lasts less than a second.
    const log = await stack.onHost("manager", "docker service logs --raw spark_master 2>&1");
    equal(log.match(/Decommissioning worker worker-\S+ on /g)?.length, 2, "Spark knows of it");
    deepEqual(await stack.nodes(), ready("manager", "worker-0"));
    deepEqual(await stack.objects(), [
      `container ${stack.container("manager")}`,
      `container ${stack.container("worker-0")}`,
      `network ${stack.label}-hosts`,
      `volume ${stack.label}-manager-disk`,
      `volume ${stack.label}-worker-0-disk`,
    ]);

    await stack.onHost("manager", "touch /data/scaling/released");
    const { status, stdout, output } = await job.ended;
    equal(status, 0, output);
    match(stdout, /^\{"rounds": \d+, "wrong": 0\}$/m);
    await stack.isWell();
    await stack.up("--expect-no-changes");
  });

  it("has kept all files in its store, and adopted those of its hosts", async () => {
    // Until then the removed hosts' copies count.
    await eventually(120, async () => equal((await store())?.hosts, 1));
    equal((await store())?.missing, 0);
    equal(await submit("read"), ROWS);
    const { stdout } = await stack.sparkSwarm(["ls", "/data/scaling"]);
    match(stdout, /2 B +\/data\/scaling\/copied before\.txt$/m);
  });

  it("grows again: new hosts at removed hosts' addresses get blocks", async () => {
    await stack.configure("workers", "2");
    await stack.up();
    await eventually(120, async () => equal((await store())?.underReplicated, 0));
    const namenode = "docker exec $(docker ps --quiet --filter name=spark_namenode)";
    equal(await stack.onHost("manager", `${namenode} cat ${EXCLUDED}`), "");
  });

  it("ends with destroy, which leaves nothing", async () => {
    const hosts = await hostIds(stack.label);
    equal(hosts.length, 3);
    await stack.destroy();
    await nothingIsLeft(stack, hosts);
  });
});
