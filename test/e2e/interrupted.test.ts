import { deepEqual, match, ok } from "node:assert/strict";
import { destroy, interrupt, killWhen, up } from "./harness/interruptions";
import { hostIds, processesOf } from "./harness/leftovers";
import { eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

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

describe("An interrupted or killed Pulumi", function () {
  this.timeout("25m");
  let stack: Stack;
  const killAt = (args: string[], moment: RegExp) =>
    interrupt(stack, args, moment, { signal: "SIGKILL" });
  const exists = async (kind: string, thing: string) =>
    (await stack.objects()).includes(`${kind} ${stack.label}-${thing}`);
  before("a stack", async () => {
    stack = await new Stack("interrupted").create({ workers: "1", storage: "none" });
  });

  for (const [what, moment, how] of [
    ["hosts are made, twice", /Container \S+-manager creating/, { twice: true }],
    // After one signal it finishes what it is creating.
    ["hosts are made", /Container \S+-manager creating/, {}],
    ["the Swarm forms, by TERM", /-swarm-form creating/, { signal: "SIGTERM" }],
    ["Spark's secret is made", /-spark-secret creating/, {}],
    ["Spark is deployed, twice", /-spark-deploy creating/, { twice: true }],
  ] as const) {
    it(`ends soon, while ${what}`, () => interrupt(stack, up, moment, how));
  }

  it("leaves a state that the next up completes", async () => {
    ok(!/PRIVATE KEY/.test(await stack.up()));
    await isWell(stack);
  });

  it("may be killed while it destroys stacks", () => killAt(destroy, /-spark-workers deleting/));
  it("ends soon, while the Swarm is left, by TERM", () =>
    interrupt(stack, destroy, /-swarm-form deleting/, { signal: "SIGTERM" }));
  it("may be killed while it destroys hosts", () => killAt(destroy, /-sweep deleting/));

  it("leaves a state that destroy removes, with all processes", () => leavesNothing(stack));

  it("may be killed while it creates the network", async () => {
    await stack.create({ workers: "1", storage: "none" });
    await killWhen(stack, up, () => exists("network", "hosts"));
  });
  it("may be killed while it creates hosts", () =>
    killWhen(stack, up, () => exists("container", "manager")));
  it("may be killed while the Swarm forms", () => killAt(up, /-swarm-form creating/));
  it("may be killed while Spark is deployed", () => killAt(up, /-spark-deploy creating/));
  it("may be killed while it waits for workers", () => killAt(up, /-spark-workers creating/));

  it("leaves a state that the next up repairs", async () => {
    await stack.up();
    await isWell(stack);
  });

  it("may be killed while it replaces hosts", async () => {
    const former = await hostIds(stack.label);
    await stack.pulumi(["config", "rm", "workers"]);
    await stack.configure("workers.count", "1");
    await stack.configure("workers.memory", "2304");
    await killWhen(stack, up, async () => {
      const hosts = await hostIds(stack.label);
      return hosts.length === 2 && hosts.some((host) => !former.includes(host));
    });
  });

  it("leaves a state that destroy removes, whatever was half-created", () => leavesNothing(stack));
});
