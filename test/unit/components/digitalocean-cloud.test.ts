import assert from "node:assert/strict";
import { digitalOcean, droplets } from "./digitalocean";
import { inPreviewAndUpdate } from "./mocks";

inPreviewAndUpdate((preview) => {
  describe("requests to DigitalOcean before an update", () => {
    it("return the cluster's cost per hour", async () => {
      const { result, calls } = await droplets(preview, {
        workers: { count: 3, size: "s-4vcpu-8gb" },
      });
      assert.deepEqual(result.cloud.hourlyCost, {
        currency: "USD",
        total: 0.25,
        parts: [
          {
            what: "compute",
            item: "manager: s-2vcpu-4gb",
            count: 1,
            each: 0.03571,
            hourly: 0.0357,
          },
          {
            what: "compute",
            item: "workers: s-4vcpu-8gb",
            count: 3,
            each: 0.07143,
            hourly: 0.2143,
          },
        ],
      });
      assert.deepEqual(calls.map(({ token }) => token.split(":").at(-1)).sort(), [
        "getImage",
        "getSizes",
        "getVpc",
      ]);
    });

    async function refused(config: Record<string, unknown>, message: string): Promise<void> {
      await assert.rejects(droplets(preview, config, { call: digitalOcean() }), { message });
    }
    const offered =
      "s-2vcpu-4gb (2 CPUs, 4096 MB, $0.03571/h), s-4vcpu-8gb (4 CPUs, 8192 MB, $0.07143/h), c-32 (32 CPUs, 65536 MB, $1/h)";

    it("refuse an unknown size, and name sizes that are large enough, cheapest first", async () => {
      await refused(
        { workers: { size: "t3.medium" } },
        `workers.size: DigitalOcean has no size 't3.medium' in nyc3. The cheapest there: ${offered}. Set it with: pulumi config set --path 'workers.size' s-2vcpu-4gb`,
      );
      await refused(
        { manager: { size: "s-2vcpu-4GB" } },
        `manager.size: DigitalOcean has no size 's-2vcpu-4GB' in nyc3. The cheapest there: ${offered}. Set it with: pulumi config set --path 'manager.size' s-2vcpu-4gb`,
      );
    });

    it("refuse a size that the region does not have, or has none left of", async () => {
      const fra1 = /^workers\.size: DigitalOcean has no size '(c-32|sold-out)' in fra1\. /;
      for (const size of ["c-32", "sold-out"]) {
        const config = { region: "fra1", workers: { size } };
        const { message } = await droplets(preview, config, { call: digitalOcean() }).then(
          () => assert.fail(`${size} was accepted`),
          (error: Error) => error,
        );
        assert.match(message, fra1);
        assert.doesNotMatch(message, /sold-out \(|c-32 \(/);
      }
    });

    it("refuse an unknown region", async () => {
      await refused(
        { region: "mars1" },
        "region: DigitalOcean has no sizes in 'mars1'. Regions: docs.digitalocean.com/platform/regional-availability. Set it with: pulumi config set region nyc3",
      );
    });

    it("refuse an image that is missing, or in another region", async () => {
      const hint = "Set it with: pulumi config set image docker-20-04";
      for (const image of ["docker-99-04", "100000002"]) {
        await refused({ image }, `image: DigitalOcean has no image '${image}'. ${hint}`);
      }
      await refused(
        { image: "100000001", region: "fra1" },
        `image: DigitalOcean has '100000001' in nyc3, but not in fra1. ${hint}`,
      );
    });

    it("report an invalid token", async () => {
      const call = () => {
        throw new Error("401 Unable to authenticate you\n\n");
      };
      await assert.rejects(droplets(preview, {}, { call }), {
        message:
          "DigitalOcean does not accept the token (401 Unable to authenticate you). Set one that may read and write with: export DIGITALOCEAN_TOKEN=...",
      });
    });

    it("refuse a cost above the budget", async () => {
      const call = digitalOcean();
      const budget = { maxHourly: 0.1 };
      await assert.rejects(droplets(preview, { budget }, { call }), {
        message:
          /^This cluster would cost \$0\.1071 an hour, .*\(\$0\.1\):\n {2}- manager: s-2vcpu-4gb × 1: \$0\.0357\n {2}- workers: s-2vcpu-4gb × 2: \$0\.0714\n/,
      });
      await droplets(preview, { budget: { maxHourly: 0.1071 } }, { call });
    });

    it("warn when access is open to the whole Internet", async () => {
      const { warnings } = await droplets(preview, {
        access: { allowFrom: ["198.51.100.7", "0.0.0.0/0"] },
      });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /^access\.allowFrom: 0\.0\.0\.0\/0 lets everyone/);
      assert.deepEqual((await droplets(preview)).warnings, []);
    });
  });
});
