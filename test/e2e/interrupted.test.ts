import { deepEqual, match, notEqual, ok } from "node:assert/strict";
import { hostIds, processesOf } from "./harness/leftovers";
import { eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

const up = ["up", "--yes", "--skip-preview"];

describe("An up that is interrupted by Ctrl-C", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a stack", async () => {
    stack = await new Stack("interrupted").create({ workers: "1" });
  });

  async function interruptUp(moment: RegExp): Promise<void> {
    const program = stack.startPulumi(up, 90);
    await program.says(moment, 60);
    program.signal("SIGINT");
    const { status, output } = await program.ended;
    notEqual(status, 0, output);
  }

  for (const [what, moment] of [
    ["hosts are made", /Container \S+-manager creating/],
    ["the Swarm forms", /-swarm-form creating/],
    ["Spark is deployed", /-spark-deploy creating/],
  ] as const) {
    it(`ends soon, while ${what}`, () => interruptUp(moment));
  }

  it("is completed by the next one", async () => {
    const output = await stack.up();
    ok(!/PRIVATE KEY/.test(output));
    deepEqual(await stack.nodes(), ["manager Ready Active", "worker-0 Ready Active"]);
    await stack.isWell();
    match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
  });

  it("can be followed by destroy, which leaves nothing", async () => {
    await stack.configure("workers", "2");
    await interruptUp(/Container \S+-worker-1 creating/);
    const hosts = await hostIds(stack.label);
    await stack.destroy();
    deepEqual(await stack.objects(), []);
    await eventually(30, () => deepEqual(processesOf(stack.label, hosts), []));
  });
});
