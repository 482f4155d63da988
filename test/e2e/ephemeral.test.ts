import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { isForgotten, options, sparkSwarm } from "./harness/ephemeral";
import { hostIds, processesOf } from "./harness/leftovers";
import { endPrograms, eventually, Program, run } from "./harness/programs";
import { repository, Stack } from "./harness/stack";

describe("An ephemeral cluster", function () {
  this.timeout("25m");
  afterEach(endPrograms);

  /** Starts a job on its own cluster. */
  async function start(
    file: string,
    ...args: string[]
  ): Promise<{ program: Program; stack: Stack }> {
    const words = ["ephemeral", "--workers", "1", file, "--", ...args];
    const program = new Program([...sparkSwarm, ...words], { ...options, seconds: 150 });
    const [, name] = await program.says(/stack (ephemeral-\S+)/, 30);
    return { program, stack: new Stack("ephemeral", name).adopt() };
  }

  const reap = (...args: string[]) =>
    run([...sparkSwarm, "reap", ...args], { ...options, seconds: 90 });

  async function nothingIsLeft(stack: Stack, hosts: string[] = []): Promise<void> {
    deepEqual(await stack.objects(), []);
    await eventually(30, () => deepEqual(processesOf(stack.label, hosts), []));
    await isForgotten(stack);
  }

  it("runs a job, passes on its output and status, and is deleted", async () => {
    const { program, stack } = await start(join(__dirname, "jobs/sum_and_status.py"), "3");
    const { status, stdout, output } = await program.ended;
    equal(status, 3, output);
    equal(stdout, "50005000\n");
    await nothingIsLeft(stack);
  });

  it("is deleted after a SIGTERM during its creation, whatever signals follow", async () => {
    const { program, stack } = await start(join(repository, "examples/pi.py"));
    await program.says(/Container \S+-worker-0 created/, 60);
    const hosts = await hostIds(stack.label);
    // The manager may be created after it.
    ok(hosts.length > 0);
    program.signal("SIGTERM");
    await program.says(/destroying stack/, 60);
    program.signal("SIGINT");
    program.signal("SIGINT");
    const { status, output } = await program.ended;
    equal(status, 143, output);
    match(output, /is being destroyed/);
    await nothingIsLeft(stack, hosts);
  });

  it("is reaped after SIGKILL to its process", async () => {
    const { program, stack } = await start(join(__dirname, "jobs/until_released.py"), "never");
    await program.says(/^round 1$/m, 90);
    const running = await reap("--dry-run", "--stack", stack.name);
    match(running.stdout, /: in use by the process that made it\n$/);
    const hosts = await hostIds(stack.label);
    program.signal("SIGKILL");
    equal((await program.ended).status, 137);

    const planned = await reap("--dry-run");
    match(
      planned.stdout,
      new RegExp(`^${stack.name}: the process .* gone: would be destroyed$`, "m"),
    );
    equal((await stack.objects()).length > 0, true);
    const { status, stdout, output } = await reap();
    equal(status, 0, output);
    match(stdout, new RegExp(`^${stack.name}: the process that made it is gone: destroyed$`, "m"));
    await nothingIsLeft(stack, hosts);
  });
});
