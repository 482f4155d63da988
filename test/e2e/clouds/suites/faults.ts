import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { type EmulatedCloud, startCloud } from "../../../emulators/daemon";
import { machines as machinesById } from "../../harness/cloud-machines";
import { type CloudName, CloudStack } from "../../harness/cloud-stack";
import { eventually } from "../../harness/programs";

/** How to make each cloud fail, and its resulting errors. */
const OF: Record<
  CloudName,
  {
    machine: string;
    /** Requests for machines that fail. */
    request: Record<string, string>;
    failure: Record<string, unknown>;
    reason: RegExp;
    /** Requests to end machines that exceed the limit. */
    tooMany: Record<string, unknown>;
  }
> = {
  digitalocean: {
    machine: "droplet",
    request: { method: "POST", path: "^/v2/droplets$" },
    failure: { status: 500 },
    reason: /500 .*Unexpected server-side error; giving up after 5 attempt\(s\)/,
    tooMany: { method: "DELETE", status: 429 },
  },
  aws: {
    machine: "instance",
    request: { action: "RunInstances" },
    failure: { code: "InsufficientInstanceCapacity", message: "There is not enough capacity." },
    reason: /InsufficientInstanceCapacity: There is not enough capacity\./,
    tooMany: { action: "TerminateInstances", code: "RequestLimitExceeded" },
  },
};

export function testFaults(name: CloudName): void {
  describe(`A cluster on ${name} whose machines cannot be created normally`, function () {
    this.timeout("25m");
    const { machine, request, failure, reason, tooMany } = OF[name];
    let cloud: EmulatedCloud;
    let stack: CloudStack;
    before("an emulated cloud, whose machines are states only", async () => {
      cloud = await startCloud(name, { machines: "simulated", boot: 0, provision: 1 });
      stack = await new CloudStack("faults", name, cloud).create({ storage: "none" });
      // Otherwise retried requests wait for seconds.
      stack.variables.DIGITALOCEAN_HTTP_RETRY_WAIT_MIN = "0.1";
      stack.variables.DIGITALOCEAN_HTTP_RETRY_WAIT_MAX = "0.2";
    });
    afterEach(() => cloud.clearFaults());
    after(() => cloud?.stop());

    /** The names of all existing machines. */
    async function machines(): Promise<string[]> {
      const found = (await cloud.state()).filter(({ kind }) => kind === machine);
      return found.map((one) => one.name.replace(`${stack.label}-`, "")).sort();
    }

    /** The error of an `up` about the host that it fails for. */
    async function failedUp(): Promise<{ host: string; said: string }> {
      const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"], 100);
      notEqual(status, 0, output);
      const diagnostics = output.slice(output.indexOf("Diagnostics:"));
      const [, host = "", said = ""] =
        /:(?:Droplet|Instance) \(\S+-(worker-\d|manager)\):\n((?: {4,}.*\n)+)/.exec(diagnostics) ??
        [];
      return { host, said: said || output };
    }

    /** What a preview, or an update, reports as unknown to Pulumi. */
    function strangers(output: string): string[] {
      const warnings = output.matchAll(
        /^ +warning: The (.+?) \S+(?: \(\S+\))?(?: carries| was removed)/gm,
      );
      return [...warnings].map(([, kind = ""]) => kind);
    }

    async function destroy(): Promise<void> {
      await stack.pulumi(["destroy", "--yes", "--skip-preview"], 100);
      deepEqual(await cloud.state(), []);
    }

    /** Kills an `up` while the cloud creates a machine for it. */
    async function killWhileMaking(host: string): Promise<void> {
      const up = stack.startPulumi(["up", "--yes", "--skip-preview"], 60);
      await eventually(40, async () => ok((await machines()).includes(host)));
      up.signal("SIGKILL");
      equal((await up.ended).status, 137, up.output);
      const { output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"], 60);
      match(output, /the stack is currently locked .*`pulumi cancel`/);
      await stack.pulumi(["cancel", "--yes"]);
    }

    it("names the worker that could not be created, and why; the next up creates it", async () => {
      await cloud.control("faults", { ...request, ...failure, skip: 2, times: 100 });
      const { host, said } = await failedUp();
      match(said, reason);
      deepEqual(
        await machines(),
        ["manager", "worker-0", "worker-1"].filter((one) => one !== host),
      );
      await cloud.clearFaults();
      await stack.up();
      deepEqual(await machines(), ["manager", "worker-0", "worker-1"]);
    });

    // Pulumi alone passes on a cloud's refusal: one cloud shows it.
    if (name === "digitalocean") {
      it("names the worker for which the quota is too small", async () => {
        await cloud.control("limits", { droplets: 3 });
        await stack.configure("workers.count", "3");
        const { host, said } = await failedUp();
        equal(host, "worker-2", said);
        match(said, /will exceed your droplet limit/);
      });
    }

    // With machines that boot, DigitalOcean's hosts show it.
    if (name === "aws") {
      it("gets other workers when their user data changes, and keeps its manager", async () => {
        const former = await machinesById(cloud);
        await stack.configure("workers.size", "t3.large");
        await stack.up();
        const now = await machinesById(cloud);
        deepEqual([...now.keys()].sort(), [...former.keys()].sort());
        for (const [machine, id] of now) {
          const kept = machine.endsWith("-manager");
          equal(id === former.get(machine), kept, machine);
        }
      });
    }

    it("is completed by the next up after one was killed while it created a worker, and the half-made worker is deleted", async () => {
      await stack.configure("workers.count", "3");
      await killWhileMaking("worker-2");
      deepEqual(strangers(await stack.pulumi(["preview"])), [machine]);
      deepEqual(strangers(await stack.up()), [machine]);
      deepEqual(await machines(), ["manager", "worker-0", "worker-1", "worker-2"]);
      deepEqual(strangers(await stack.pulumi(["preview"])), []);
    });

    it("leaves nothing when it is destroyed, though the cloud refuses requests for a while", async () => {
      // If one request meets all of them, its fifth attempt, the last, succeeds.
      await cloud.control("faults", { ...tooMany, times: 4 });
      await destroy();
    });

    it("leaves nothing when an up was killed while it created the first machine", async () => {
      await killWhileMaking("manager");
      await destroy();
    });

    it("names a machine that the cloud created but answered with an error, and leaves none", async () => {
      await stack.configure("workers.count", "1");
      await cloud.control("faults", { ...request, status: 500, after: true, skip: 1 });
      await stack.up();
      // EC2 recognises a repeated request.
      const twice = name === "aws" ? [] : ["worker-0"];
      deepEqual(await machines(), ["manager", "worker-0", ...twice]);
      deepEqual(strangers(await stack.pulumi(["preview"])), twice.fill(machine));
      await destroy();
    });
  });
}
