import { deepEqual, equal, match } from "node:assert/strict";
import { type EmulatedCloud, startCloud } from "../../../emulators/daemon";
import { lastDeletion } from "../../harness/cloud-machines";
import { type CloudName, CloudStack } from "../../harness/cloud-stack";
import { destroy, type Interruption, interrupt, up } from "../../harness/interruptions";

const KILL: Interruption = { signal: "SIGKILL" };
const TERM: Interruption = { signal: "SIGTERM" };
const TWICE: Interruption = { twice: true };

/**
 * Each depends on the one before, or comes again because that was not recorded: machines take a while, in which Pulumi
 * is interrupted.
 */
const MAKING: [moment: RegExp, how: Interruption][] = [
  [/-id creating/, TERM],
  [/-vpc creating/, KILL],
  [/(Droplet|Instance) \S+-manager creating/, KILL],
  [/(Droplet|Instance) \S+-manager creating/, TWICE],
  [/(Droplet|Instance) \S+-manager creating/, TERM],
  [/-manager-boot creating/, KILL],
];
const DELETING: typeof MAKING = [
  [/(Droplet|Instance) \S+-manager deleting/, TWICE],
  [/-sweep deleting/, KILL],
];

export function testInterruptions(name: CloudName): void {
  describe(`A Pulumi on ${name} that is interrupted or killed`, function () {
    this.timeout("25m");
    let cloud: EmulatedCloud;
    let stack: CloudStack;
    before("an emulated cloud, whose machines are states only", async () => {
      cloud = await startCloud(name, { machines: "simulated", boot: 2, provision: 2 });
      stack = await new CloudStack("interrupted", name, cloud).create({
        workers: "2",
        storage: "none",
      });
    });
    after(() => cloud?.stop());

    const title = (how: Interruption) => how.signal ?? (how.twice ? "Ctrl-C twice" : "Ctrl-C");

    for (const [moment, how] of MAKING) {
      it(`ends, by ${title(how)}: ${moment.source}`, () => interrupt(stack, up, moment, how));
    }

    it("leaves what the next up completes", async () => {
      await stack.up();
      const machines = (await cloud.state()).filter(({ kind }) =>
        ["droplet", "instance"].includes(kind),
      );
      equal(machines.length, 3);
      match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
    });

    for (const [moment, how] of DELETING) {
      it(`ends, by ${title(how)}: ${moment.source}`, async () => {
        // So that it does not end earlier.
        await cloud.control("faults", { ...lastDeletion[name], status: 503, times: 10_000 });
        await interrupt(stack, destroy, moment, how);
        await cloud.clearFaults();
      });
    }

    it("leaves what the next destroy removes", async () => {
      await stack.pulumi(destroy, 100);
      deepEqual(await cloud.state(), []);
    });
  });
}
