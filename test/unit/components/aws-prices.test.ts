import assert from "node:assert/strict";
import { amazon, asked, instances } from "./aws";
import { inPreviewAndUpdate } from "./mocks";

// By the price list: US dollars an hour.
const DISK = 30 * (0.08 / 730);
const ADDRESS = 0.005;

inPreviewAndUpdate((preview) => {
  describe("what a cluster costs on AWS", () => {
    const parts = async (config: Record<string, unknown>) =>
      (await instances(preview, config)).result.cloud.hourlyCost;

    it("is the price of its machines, disks and addresses", async () => {
      const cost = await parts({ workers: { count: 3, size: "m7i.large", disk: 100 } });
      assert.deepEqual(cost, {
        currency: "USD",
        total: 0.4002,
        parts: [
          {
            what: "compute",
            item: "manager: t3.medium",
            count: 1,
            each: 0.0416,
            hourly: 0.0416,
          },
          {
            what: "compute",
            item: "workers: m7i.large",
            count: 3,
            each: 0.1008,
            hourly: 0.3024,
          },
          { what: "disk", item: "manager: 30 GB gp3", count: 1, each: DISK, hourly: 0.0033 },
          {
            what: "disk",
            item: "workers: 100 GB gp3",
            count: 3,
            each: 100 * (0.08 / 730),
            hourly: 0.0329,
          },
          { what: "address", item: "public IPv4", count: 4, each: ADDRESS, hourly: 0.02 },
        ],
      });
    });

    it("is the region's price", async () => {
      const { parts: found } = await parts({ region: "eu-central-1" });
      assert.equal(found[0]?.each, 0.048);
      assert.equal(found[2]?.each, 30 * (0.0952 / 730));
    });

    it("is refused above the budget, before a host is made", async () => {
      await assert.rejects(
        instances(preview, { budget: { maxHourly: 0.1 } }, { call: amazon() }),
        /^Error: This cluster would cost \$0\.1497 an hour, more than budget\.maxHourly allows \(\$0\.1\):\n/,
      );
    });

    it("is unknown when the price list has none", async () => {
      await assert.rejects(
        instances(preview, { workers: { size: "free.large" } }, { call: amazon() }),
        /AWS's price list has no price for .*"instanceType":"free\.large"/,
      );
    });
  });

  describe("spot workers", () => {
    const market = (maxPrice?: string) => ({
      marketType: "spot",
      spotOptions: {
        spotInstanceType: "one-time",
        instanceInterruptionBehavior: "terminate",
        ...(maxPrice === undefined ? {} : { maxPrice }),
      },
    });
    const bought = async (spot: unknown, size = "m7i.large") => {
      const made = await instances(preview, { workers: { count: 1, size, spot } });
      const { inputs, ignoreChanges } = made.find("lab-worker-0");
      const [, workers] = made.result.cloud.hourlyCost.parts;
      return { made, workers, ignoreChanges, market: inputs.instanceMarketOptions };
    };
    const refused = (spot: unknown, message: string, size = "m7i.large") =>
      assert.rejects(instances(preview, { workers: { size, spot } }, { call: amazon() }), {
        message,
      });
    const instead =
      "use on-demand instances with: pulumi config set --path workers.spot.fallback on-demand";

    it("are bought at the market's price in their zone; the manager is not", async () => {
      const { made, workers, market: options, ignoreChanges } = await bought(true);
      assert.deepEqual(workers, {
        what: "compute",
        item: "workers: m7i.large (spot)",
        count: 1,
        each: 0.035,
        hourly: 0.035,
      });
      assert.deepEqual(options, market());
      assert.deepEqual(asked(made, "getSpotPrice"), [
        {
          instanceType: "m7i.large",
          availabilityZone: "us-east-1b",
          filters: [{ name: "product-description", values: ["Linux/UNIX"] }],
        },
      ]);
      assert.equal(
        made.find("lab-manager", "aws:ec2/instance").inputs.instanceMarketOptions,
        undefined,
      );
      // A later change to spot replaces workers on demand.
      assert.deepEqual(ignoreChanges, ["ami"]);
    });

    it("are bought only if the settings ask for them", async () => {
      const { made, market: options, workers, ignoreChanges } = await bought(false);
      assert.deepEqual(asked(made, "getSpotPrice"), []);
      assert.deepEqual([options, workers?.each, ignoreChanges], [undefined, 0.1008, ["ami"]]);
    });

    it("have the maximum price of the settings", async () => {
      const { workers, market: options } = await bought({ maxPrice: 0.035 });
      assert.deepEqual(options, market("0.035"));
      assert.equal(workers?.each, 0.035);
    });

    it("above the maximum price are refused, or bought on demand", async () => {
      await refused(
        { maxPrice: 0.034 },
        `workers.spot.maxPrice: the spot price is $0.035 an hour, above the $0.034 allowed. Allow more, wait, or ${instead}`,
      );
      const dear = await bought({ maxPrice: 0.034, fallback: "on-demand" });
      const { workers, market: options } = dear;
      // A change of the market does not replace running hosts.
      assert.deepEqual(dear.ignoreChanges, ["ami", "instanceMarketOptions"]);
      const cheap = await bought({ maxPrice: 0.035, fallback: "on-demand" });
      const data = ({ made }: typeof dear) => made.find("lab-worker-0").inputs.userData;
      assert.equal(data(dear), data(cheap));
      assert.deepEqual(
        [options, workers?.item, workers?.each],
        [undefined, "workers: m7i.large", 0.1008],
      );
    });

    it("not on the market are refused, or bought on demand", async () => {
      const none = { manager: { size: "t4g.medium" } };
      await assert.rejects(
        instances(
          preview,
          { ...none, workers: { size: "t4g.medium", spot: true } },
          { call: amazon() },
        ),
        {
          message: `workers.spot: this instance type is not on the spot market there. ${instead[0]?.toUpperCase()}${instead.slice(1)}`,
        },
      );
      const made = await instances(preview, {
        ...none,
        workers: { size: "t4g.medium", spot: { fallback: "on-demand" } },
      });
      assert.equal(made.find("lab-worker-0").inputs.instanceMarketOptions, undefined);
      assert.equal(made.result.cloud.hourlyCost.parts[1]?.item, "workers: t4g.medium");
    });

    it("are refused with the cloud's own message when its prices cannot be read", async () => {
      const call = amazon();
      const world = {
        call: (args: Parameters<typeof call>[0]) => {
          if (args.token.endsWith("getSpotPrice")) throw new Error("UnauthorizedOperation");
          return call(args);
        },
      };
      await assert.rejects(
        instances(preview, { workers: { spot: { fallback: "on-demand" } } }, world),
        /UnauthorizedOperation/,
      );
    });

    it("watch for reclaims; those on demand do not", async () => {
      if (preview) return;
      const spot = (await bought(true)).made.find("lab-worker-0").inputs.userData as string;
      assert.match(spot, /^SPOT='yes'$/m);
      const { made } = await bought(false);
      assert.doesNotMatch(made.find("lab-worker-0").inputs.userData as string, /^SPOT=/m);
    });
  });
});
