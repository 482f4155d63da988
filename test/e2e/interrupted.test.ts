import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { hostIds, processesOf } from "./harness/leftovers";
import { eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];

/** Interrupts Pulumi when it says that it does something. Asked twice, it ends at once. */
async function interrupt(
  stack: Stack,
  args: string[],
  moment: RegExp,
  { signal = "SIGINT", twice = false }: { signal?: NodeJS.Signals; twice?: boolean } = {},
): Promise<void> {
  const program = stack.startPulumi(args, 90);
  await program.says(moment, 60);
  program.signal(signal);
  if (twice) {
    await program.says(/terminate immediately/, 60);
    program.signal(signal);
  }
  const { status, output } = await program.ended;
  notEqual(status, 0, output);
  if (twice) await unlock(stack);
}

/** Kills Pulumi and all that it started when this machine's engine has a thing of the stack, or no longer has it. */
async function kill(
  stack: Stack,
  args: string[],
  moment: (objects: string[]) => boolean,
): Promise<void> {
  const program = stack.startPulumi(args, 90);
  await eventually(60, async () => ok(moment(await stack.objects()), program.output));
  program.signal("SIGKILL");
  equal((await program.ended).status, 137, program.output);
  await unlock(stack);
}

/** Kills Pulumi and all that it started when it says that it does something. */
async function killAt(stack: Stack, args: string[], moment: RegExp): Promise<void> {
  const program = stack.startPulumi(args, 90);
  await program.says(moment, 60);
  program.signal("SIGKILL");
  equal((await program.ended).status, 137, program.output);
  await unlock(stack);
}

/** A lock in files is not the killed process's own, and stays. */
const unlock = (stack: Stack) => stack.pulumi(["cancel", "--yes"]);

async function isWell(stack: Stack): Promise<void> {
  deepEqual(await stack.nodes(), ["manager Ready Active", "worker-0 Ready Active"]);
  await stack.isWell();
  match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
}

async function leavesNothing(stack: Stack): Promise<void> {
  const hosts = await hostIds(stack.label);
  await stack.destroy();
  deepEqual(await stack.objects(), []);
  await eventually(30, () => deepEqual(processesOf(stack.label, hosts), []));
}

describe("A Pulumi that is interrupted or killed", function () {
  this.timeout("25m");
  let stack: Stack;
  const name = (kind: string, thing: string) => `${kind} ${stack.label}-${thing}`;
  before("a stack", async () => {
    stack = await new Stack("interrupted").create({ workers: "1" });
  });

  for (const [what, moment, how] of [
    ["hosts are made", /Container \S+-manager creating/, {}],
    ["hosts are made, twice", /Container \S+-manager creating/, { twice: true }],
    ["the Swarm forms, by TERM", /-swarm-form creating/, { signal: "SIGTERM" }],
    ["Spark is deployed, twice", /-spark-deploy creating/, { twice: true }],
  ] as const) {
    it(`ends soon, while ${what}`, () => interrupt(stack, up, moment, how));
  }

  it("leaves what the next up completes", async () => {
    ok(!/PRIVATE KEY/.test(await stack.up()));
    await isWell(stack);
  });

  it("may be killed while it destroys what is deployed", () =>
    killAt(stack, destroy, /-spark-workers deleting/));
  it("may be killed while it destroys hosts", () =>
    kill(stack, destroy, (objects) => !objects.includes(name("container", "worker-0"))));

  it("leaves what destroy removes, with its processes", () => leavesNothing(stack));

  it("may be killed while it makes the network", async () => {
    await stack.create({ workers: "1" });
    await kill(stack, up, (objects) => objects.includes(name("network", "hosts")));
  });
  it("may be killed while it makes hosts", () =>
    kill(stack, up, (objects) => objects.includes(name("container", "manager"))));
  it("may be killed while the Swarm forms", () => killAt(stack, up, /-swarm-form creating/));
  it("may be killed while Spark is deployed", () => killAt(stack, up, /-spark-deploy creating/));

  it("leaves what the next up makes whole", async () => {
    await stack.up();
    await isWell(stack);
  });

  it("may be killed while it replaces hosts", async () => {
    const former = await hostIds(stack.label);
    await stack.pulumi(["config", "rm", "workers"]);
    await stack.configure("workers.count", "1");
    await stack.configure("workers.memory", "2304");
    const program = stack.startPulumi(up, 90);
    await eventually(60, async () => {
      const hosts = await hostIds(stack.label);
      ok(hosts.length === 2 && hosts.some((host) => !former.includes(host)), program.output);
    });
    program.signal("SIGKILL");
    equal((await program.ended).status, 137, program.output);
    await unlock(stack);
  });

  it("leaves what destroy removes, whatever was half-made", () => leavesNothing(stack));
});
