import assert from "node:assert/strict";
import { parseOutputs } from "../../../cli/cluster/cluster";
import { costOf, costText } from "../../../cli/cluster/cost";
import { pricedSchema } from "../../../program/outputs";
import { cluster } from "./fixtures";

const droplets = {
  cluster: { ...cluster, cloud: "digitalocean" },
  hourlyCost: {
    currency: "USD",
    total: 0.1041,
    parts: [
      {
        ...{ what: "compute" as const, item: "manager: s-2vcpu-4gb" },
        ...{ count: 1, each: 0.03571, hourly: 0.03571 },
      },
      {
        ...{ what: "compute" as const, item: "workers: s-2vcpu-4gb-intel" },
        ...{ count: 2, each: 0.034195, hourly: 0.06839 },
      },
    ],
  },
};
/** Twelve and a half hours after the creation of the cluster. */
const now = new Date("2026-11-22T00:30:00Z");

describe("cost", () => {
  it("shows the cost of an hour, of a month, and so far", () => {
    const cost = costOf(droplets, now);
    assert.equal(
      costText(cost, now),
      `Stack dev (digitalocean): $0.1041 an hour
  compute  manager: s-2vcpu-4gb        1 × $0.03571  $0.03571
  compute  workers: s-2vcpu-4gb-intel  2 × $0.0342   $0.06839

A month (730 hours): $75.99

Since its creation 12h 30m ago: about $1.30, at its current size`,
    );
  });

  it("prints the same for programs", () => {
    const { hourly, monthly, soFar, parts, ...rest } = costOf(droplets, now);
    assert.deepEqual(rest, {
      ...{ stack: "dev", cloud: "digitalocean", currency: "USD" },
      since: "2026-11-21T12:00:00.000Z",
    });
    assert.equal(hourly, 0.1041);
    assert.equal(monthly.toFixed(3), "75.993");
    assert.equal(soFar.toFixed(5), "1.30125");
    assert.equal(parts.length, 2);
  });

  it("is zero on this machine", () => {
    const free = { cluster, hourlyCost: { currency: "USD", total: 0, parts: [] } };
    assert.equal(costText(costOf(free, now), now), "Stack dev (local) costs nothing.");
  });

  it("is not invented for a stack whose outputs lack it", () => {
    assert.throws(() => parseOutputs(pricedSchema, JSON.stringify({ cluster }), "dev"), {
      code: "noCluster",
      message: /hourlyCost/,
    });
  });
});
