import { equal, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedCloud, startCloud } from "../../emulators/daemon";
import { CloudStack } from "../harness/cloud-stack";
import { folder } from "../harness/stack";

/** Commands whose output was made once: keys, the tag of what belongs to the stack, and when it was created. */
const MADE_ONCE = /::[^:]+-(?:client-key|join-key|host-key|id|lifetime-since)$/;

describe("A stack that another version made", function () {
  this.timeout("25m");
  let cloud: EmulatedCloud;
  let stack: CloudStack;
  before("a cluster of machines that are states only", async () => {
    cloud = await startCloud("digitalocean", { machines: "simulated", boot: 0, provision: 0 });
    stack = await new CloudStack("older", "digitalocean", cloud).create({ storage: "none" });
    await stack.up();
  });
  after(() => cloud?.stop());

  it("keeps its keys, its tag, its age and its hosts, whatever made them", async () => {
    const state = JSON.parse(await stack.pulumi(["stack", "export"])) as State;
    const made = state.deployment.resources.filter(({ urn }) => MADE_ONCE.test(urn));
    // Of three hosts and the bastion, one for users and one for workers; a tag; a date.
    equal(made.length, 8, made.map(({ urn }) => urn).join("\n"));
    for (const { inputs, outputs } of made) {
      for (const values of [inputs, outputs]) {
        for (const script of ["create", "update", "stdin"]) values[script] = "of another version";
        ok(delete values.addPreviousOutputInEnv);
      }
    }
    const file = join(folder, "older.json");
    writeFileSync(file, JSON.stringify(state));
    await stack.pulumi(["stack", "import", "--file", file]);

    await stack.up("--expect-no-changes");
  });
});

/** The output of `pulumi stack export`, as far as it is used here. */
interface State {
  deployment: {
    resources: {
      urn: string;
      inputs: Record<string, unknown>;
      outputs: Record<string, unknown>;
    }[];
  };
}
