import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { deleteHosts, machines } from "../../harness/cloud-machines";
import type { CloudName, CloudStack } from "../../harness/cloud-stack";
import { eventually } from "../../harness/programs";
import { endSharedCloud, sharedCloudCluster } from "../../harness/shared-cloud-cluster";
import { repository } from "../../harness/stack";

const keep = join(__dirname, "../../jobs/keep.py");
/** How long `up` waits for hosts that run bootstrap actions, seconds. */
const JOIN_TIMEOUT = 1800;

export function testHosts(name: CloudName): void {
  describe(`The hosts of a cluster on ${name}`, function () {
    this.timeout("25m");
    let stack: CloudStack;
    before("a cluster", async () => {
      stack = await sharedCloudCluster(name);
    });
    after("the cloud's end", () => endSharedCloud(name));

    /** The cloud's machines, by the names of hosts. */
    async function hosts(): Promise<Record<string, string>> {
      const found = await machines(stack.cloud);
      const prefix = `${stack.label}-`;
      const named = [...found].map(([full, id]) => [full.replace(prefix, ""), id]);
      return Object.fromEntries(named.sort());
    }

    /** All expected hosts exist and work, and no others. */
    async function isWell(workers: number): Promise<void> {
      const names = Array.from({ length: workers }, (_, index) => `worker-${index}`);
      deepEqual(Object.keys(await hosts()), ["manager", ...names]);
      deepEqual(
        await stack.nodes(),
        ["manager", ...names].map((host) => `${host} Ready Active`),
      );
      const status = await stack.isWell();
      deepEqual(
        status.workers.map(({ host, state }) => `${host} ${state}`),
        names.map((host) => `${host} ALIVE`),
      );
    }

    /** Makes scripts on a host see a later time of day, so that the tests need not wait for timeouts. */
    async function letPass(host: string, seconds: number): Promise<void> {
      const date = "/usr/local/bin/date";
      const later = `#!/bin/sh\nexec /bin/date --date="+${seconds} seconds" "$@"\n`;
      const script = `printf '%s' '${later}' >${date}; chmod 755 ${date}`;
      await stack.onHost(host, seconds ? script : `rm ${date}`);
    }

    async function jobRuns(): Promise<void> {
      const pi = ["submit", join(repository, "examples/pi.py"), "--", "4"];
      const { stdout, output } = await stack.sparkSwarm(pi);
      match(stdout, /^\{"pi": 3\.141421, "partitions": 4\}$/m, output);
    }

    // The steps after the cloud's answer are the same on all: one cloud shows them.
    if (name === "digitalocean") {
      it("grow from two workers to four beside the existing ones; one that does not boot is named", async () => {
        const former = await hosts();
        await stack.cloud.control(`machines/${stack.label}-worker-3`, { fault: "never-boots" });
        await stack.configure("workers.count", "4");
        const up = stack.startPulumi(["up", "--yes", "--skip-preview"], 200);
        await up.says(/waiting for worker-3 to join the Swarm/, 150);
        await letPass("manager", JOIN_TIMEOUT);
        const { status, output } = await up.ended;
        await letPass("manager", 0);
        await stack.cloud.clearFaults();
        notEqual(status, 0, output);
        match(
          output,
          new RegExp(`These hosts did not join the Swarm within ${JOIN_TIMEOUT} s: worker-3\\.`),
        );
        const now = await hosts();
        deepEqual({ ...now, ...former }, now);
      });

      it("are replaced when they did not boot, were deleted, or are lost, though the cloud reports them as running", async () => {
        const former = await hosts();
        await stack.cloud.control(`machines/${stack.label}-worker-1/lose`);
        await deleteHosts(stack, "worker-2");
        const resources = await stack.cloud.state();
        const lost = resources.find(({ id }) => id === former["worker-1"]);
        equal(lost?.state, "active");
        await eventually(60, async () => {
          const { problems } = await stack.status();
          for (const host of ["worker-1", "worker-2"]) {
            match(
              problems.join("\n"),
              new RegExp(
                `Host ${host} does not answer and its node is down: .pulumi up.* replaces it`,
              ),
            );
          }
        });
        await stack.up();
        await isWell(4);
        const now = await hosts();
        for (const [host, id] of Object.entries(former)) {
          const another = ["worker-1", "worker-2", "worker-3"].includes(host);
          if (another) notEqual(now[host], id, host);
          else equal(now[host], id, host);
        }
        match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
      });

      it("shrink from four workers to one, which is kept", async () => {
        const { manager, "worker-0": kept } = await hosts();
        await stack.configure("workers.count", "1");
        match(await stack.up(), /draining worker-1/);
        await isWell(1);
        deepEqual(await hosts(), { manager, "worker-0": kept });
      });

      it("are replaced when their user data changes, except the manager, which keeps the cluster", async () => {
        const former = await hosts();
        await stack.onHost("manager", "echo kept > /data/before");
        await stack.configure("workers.count", "2");
        await stack.configure("workers.size", "s-2vcpu-2gb");
        await stack.up();
        await isWell(2);
        const now = await hosts();
        equal(now.manager, former.manager);
        notEqual(now["worker-0"], former["worker-0"]);
        equal(await stack.onHost("manager", "cat /data/before"), "kept\n");
        equal(await stack.onHost("worker-0", "cat /data/before"), "kept\n");
      });
    }

    if (name === "aws") {
      it("do not get another manager while files exist only in its store", async () => {
        const former = await hosts();
        const write = ["submit", keep, "--", "write", "/data/out"];
        const { status: kept, output: said } = await stack.sparkSwarm(write);
        equal(kept, 0, said);
        const urns = await stack.pulumi(["stack", "--show-urns"]);
        const [urn = ""] =
          new RegExp(`urn:\\S+:Instance::${stack.label}-manager$`, "im").exec(urns) ?? [];
        const { status, output } = await stack.tryPulumi([
          ...["up", "--yes", "--skip-preview", "--replace", urn],
        ]);
        notEqual(status, 0, output);
        match(output, /alone:.*\/data\/out {2}4 files/s);
        match(output, /Nothing was destroyed/);
        deepEqual(await hosts(), former);
        await stack.up();
        await isWell(2);
      });

      it("are named when the manager is lost, with what is lost with it", async () => {
        await stack.cloud.control(`machines/${stack.label}-manager/lose`);
        const status = await stack.sparkSwarm(["status"]);
        equal(status.status, 68, status.output);
        match(status.output, /Host manager does not answer/);
        match(status.output, /event logs.*store/);

        const { status: ended, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"]);
        notEqual(ended, 0, output);
        const [, urn = ""] = /pulumi up --replace '(\S+)'/.exec(output) ?? [];
        match(urn, new RegExp(`Instance::${stack.label}-manager$`), output);
        match(output, /event logs.*store/);
        ok(!/ at .*\.ts:/.test(output), output);
      });
    }

    it("get another manager after that", async () => {
      const former = await hosts();
      await deleteHosts(stack, "manager");
      await stack.up();
      await isWell(2);
      const now = await hosts();
      notEqual(now.manager, former.manager);
      for (const worker of ["worker-0", "worker-1"]) {
        // On AWS the manager's address stays, and the workers find the new one there.
        if (name === "aws") equal(now[worker], former[worker], worker);
        else notEqual(now[worker], former[worker], worker);
      }
      await jobRuns();
      match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
    });

    it("need not exist for destroy, which is fast and leaves nothing", async () => {
      await deleteHosts(stack, "manager", "worker-0", "worker-1");
      await stack.destroy(120);
      deepEqual(await stack.cloud.state(), []);
    });
  });
}
