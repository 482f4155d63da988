import { deepEqual, match, ok } from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedCloud, startCloud } from "../../../emulators/daemon";
import { lastDeletion } from "../../harness/cloud-machines";
import { type CloudName, CloudStack } from "../../harness/cloud-stack";
import { destroy, killWhen, up } from "../../harness/interruptions";
import { folder } from "../../harness/stack";

/** Each request that creates something, and configuration with which all of them are sent. */
const OF: Record<CloudName, { config: Record<string, string>; requests: object[] }> = {
  digitalocean: {
    config: {},
    requests: ["account/keys", "vpcs", "tags", "firewalls", "projects", "droplets"].map((path) => ({
      method: "POST",
      path: `^/v2/${path}$`,
    })),
  },
  aws: {
    config: { "aws.buckets[0]": "a-bucket-of-data" },
    requests: [
      ...["CreateVpc", "CreateSubnet", "CreateInternetGateway", "CreateRouteTable"],
      ...["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"],
      ...["CreateRoute", "AssociateRouteTable", "CreateSubnetCidrReservation"],
      ...["ImportKeyPair", "CreateRole", "CreateInstanceProfile"],
      "RunInstances",
    ].map((action) => ({ action })),
  },
};

export function testLeftovers(name: CloudName): void {
  describe(`Resources on ${name} that Pulumi does not know`, function () {
    this.timeout("25m");
    const { config, requests } = OF[name];
    let cloud: EmulatedCloud;
    let stack: CloudStack;
    before("an emulated cloud, whose machines are states only", async () => {
      cloud = await startCloud(name, { machines: "simulated", boot: 0, provision: 0.5 });
      stack = await new CloudStack("leftovers", name, cloud).create({
        workers: "1",
        storage: "none",
        ...config,
      });
      // Otherwise retried requests wait for seconds.
      stack.variables.DIGITALOCEAN_HTTP_RETRY_WAIT_MIN = "0.1";
      stack.variables.DIGITALOCEAN_HTTP_RETRY_WAIT_MAX = "0.2";
    });
    after(() => cloud?.stop());

    /** The number of resources of each kind. */
    async function counts(): Promise<Record<string, number>> {
      const found: Record<string, number> = {};
      for (const { kind } of await cloud.state()) found[kind] = (found[kind] ?? 0) + 1;
      return found;
    }

    /** An `up` for which the cloud creates each resource, but answers with an error. */
    async function unheard(): Promise<void> {
      for (const request of requests) {
        await cloud.control("faults", { ...request, status: 500, after: true, times: 1 });
      }
      await stack.tryPulumi(up, 100);
      await cloud.clearFaults();
    }

    /** Kills Pulumi during a destroy, when the machines are deleted. */
    async function killedDestroy(): Promise<void> {
      // So that it does not end earlier.
      await cloud.control("faults", { ...lastDeletion[name], status: 503, times: 10_000 });
      await killWhen(stack, destroy, async () => machines(await counts()) < machines(clean));
      await cloud.clearFaults();
    }
    const machines = ({ droplet = 0, instance = 0 }: Record<string, number>) => droplet + instance;

    let clean: Record<string, number>;
    async function isWhole(): Promise<void> {
      deepEqual(await counts(), clean);
      match(await stack.up("--expect-no-changes"), /Resources:\n +\d+ unchanged\n/);
    }

    it("do not exist after an up", async () => {
      await stack.up();
      clean = await counts();
      ok(!/carries this stack's tag/.test(await stack.pulumi(["preview"])));
    });

    it("are deleted by the next up when Pulumi was killed while it destroyed", async () => {
      await killedDestroy();
      await stack.up();
      await isWhole();
    });

    it("are deleted by the next destroy when Pulumi was killed while it destroyed", async () => {
      await killedDestroy();
      await stack.pulumi(destroy, 100);
      deepEqual(await cloud.state(), []);
    });

    it("are deleted by destroy", async () => {
      await unheard();
      await stack.pulumi(destroy, 100);
      deepEqual(await cloud.state(), []);
    });

    it("are deleted by the next up", async () => {
      await unheard();
      await stack.up();
      await isWhole();
    });

    it("do not include another stack's of the same name", async () => {
      const others = await cloud.state();
      const other = new CloudStack("leftovers", name, cloud);
      const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
      other.variables.PULUMI_BACKEND_URL = `file://${elsewhere}?metadata=skip`;
      await other.create({ workers: "1", storage: "none", ...config });
      await other.up();
      await other.pulumi(destroy, 100);
      deepEqual(await cloud.state(), others);
      await stack.pulumi(destroy, 100);
      deepEqual(await cloud.state(), []);
    });
  });
}
