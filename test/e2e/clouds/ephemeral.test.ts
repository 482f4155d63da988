import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CloudName } from "../harness/cloud-stack";
import { isForgotten, options, sparkSwarm } from "../harness/ephemeral";
import { commandLines, engineObjects, processesOf } from "../harness/leftovers";
import { endPrograms, eventually, Program, run, succeed } from "../harness/programs";
import { repository, Stack } from "../harness/stack";

const DAEMON = "emulators/clouds/daemon.ts";
const PI = join(repository, "examples/pi.py");

describe("An ephemeral cluster on an emulated cloud", function () {
  this.timeout("25m");
  afterEach(endPrograms);

  interface Started {
    program: Program;
    stack: Stack;
    /** The emulated cloud's process. */
    cloud: number;
  }

  /** Starts a job on its own cluster. */
  async function start(cloud: CloudName, file: string, ...args: string[]): Promise<Started> {
    const where = ["--cloud", cloud, "--emulated", "--workers", "1"];
    const words = ["ephemeral", ...where, file, "--", ...args];
    const program = new Program([...sparkSwarm, ...words], { ...options, seconds: 170 });
    const [, name] = await program.says(/stack (ephemeral-emulated-\S+)/, 120);
    const stack = new Stack("ephemeral", name).adopt();
    const daemon = emulatedClouds().find((pid) => parentOf(pid) === program.pid);
    ok(daemon);
    return { program, stack, cloud: daemon };
  }

  /** No stack, no file, no process, and no resource of the emulated cloud. */
  async function nothingIsLeft({ stack, cloud }: Started): Promise<void> {
    await isForgotten(stack);
    await eventually(30, () => deepEqual(processesOf(stack.label, []), []));
    ok(!emulatedClouds().includes(cloud), "the emulated cloud still runs");
    deepEqual(await engineObjects(stack.label), []);
    deepEqual(await networksOf(cloud), []);
  }

  it("of instances runs a job, prints its output, ends with its status, and is destroyed", async () => {
    const job = join(repository, "test/e2e/jobs/sum_and_status.py");
    const started = await start("aws", job, "3");
    const { status, stdout, output } = await started.program.ended;
    equal(status, 3, output);
    equal(stdout, "50005000\n");
    await nothingIsLeft(started);
  });

  it("of instances is destroyed when SIGTERM comes while it is created", async () => {
    const started = await start("aws", PI, "20");
    const { program, stack } = started;
    await program.says(/Instance \S+-manager created/, 90);
    ok((await engineObjects(stack.label)).length > 0);
    program.signal("SIGTERM");
    const { status, output } = await program.ended;
    equal(status, 143, output);
    match(output, /destroying stack/);
    await nothingIsLeft(started);
  });

  it("of droplets ends with its process when that is killed; the reaper removes its stack", async () => {
    const started = await start("digitalocean", PI, "20");
    const { program, stack, cloud } = started;
    await program.says(/Droplet \S+-manager created/, 90);
    program.signal("SIGKILL");
    equal((await program.ended).status, 137);
    await eventually(30, () => ok(!emulatedClouds().includes(cloud), "it still runs"));
    deepEqual(await engineObjects(stack.label), []);
    // Pulumi was notified, too.
    await eventually(60, () => deepEqual(processesOf(stack.label, []), []));

    const reap = (...args: string[]) =>
      run([...sparkSwarm, "reap", "--stack", stack.name, ...args], { ...options, seconds: 60 });
    const planned = await reap("--dry-run");
    equal(planned.status, 0, planned.output);
    match(planned.stdout, /: the process that made it is gone: would be destroyed\n$/);
    const { status, stdout, output } = await reap();
    equal(status, 0, output);
    match(stdout, /: the process that made it is gone: destroyed\n$/);
    await nothingIsLeft(started);
  });
});

/** The processes of emulated clouds, including other tests'. */
function emulatedClouds(): number[] {
  const running = commandLines().filter(({ commandLine }) => commandLine.includes(DAEMON));
  return running.map(({ pid }) => pid);
}

/** The process that started one. */
function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name, in parentheses, may contain blanks.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The remaining networks of an emulated cloud. */
async function networksOf(pid: number): Promise<string[]> {
  const format = '{{.Name}} {{.Label "spark-swarm.emulated-cloud"}}';
  const list = ["docker", "network", "ls", "--format", format];
  const lines = (await succeed(list, { seconds: 30 })).split("\n");
  return lines.filter((line) => line.includes(` ${pid} `));
}
