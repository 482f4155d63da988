import assert from "node:assert/strict";
import { enforceBudget, hourlyCost } from "../../../program/clouds/cost";

const compute = (item: string, count: number, each: number) =>
  ({ what: "compute", item, count, each }) as const;

describe("hourlyCost", () => {
  it("is zero without priced parts", () => {
    assert.deepEqual(hourlyCost([]), { currency: "USD", total: 0, parts: [] });
  });

  it("adds up parts, each with its count times its price", () => {
    const cost = hourlyCost([compute("manager: a", 1, 0.03571), compute("workers: a", 3, 0.25)]);
    assert.deepEqual(cost, {
      currency: "USD",
      total: 0.7857,
      parts: [
        { ...compute("manager: a", 1, 0.03571), hourly: 0.0357 },
        { ...compute("workers: a", 3, 0.25), hourly: 0.75 },
      ],
    });
  });

  it("has a total that is the sum of the printed parts", () => {
    // Unrounded the sum would be 0.00035 * 3.
    const cost = hourlyCost(["a", "b", "c"].map((item) => compute(item, 1, 0.00035)));
    assert.deepEqual(
      cost.parts.map(({ hourly }) => hourly),
      [0.0004, 0.0004, 0.0004],
    );
    assert.equal(cost.total, 0.0012);
  });

  it("rounds after multiplying: many cheap parts are not free", () => {
    assert.equal(hourlyCost([compute("disk", 100, 0.00004)]).total, 0.004);
  });

  it("has no binary rounding error", () => {
    assert.equal(hourlyCost([compute("a", 1, 0.1), compute("b", 1, 0.2)]).total, 0.3);
  });
});

describe("enforceBudget", () => {
  const cost = hourlyCost([compute("manager: a", 1, 0.0317), compute("workers: b", 2, 0.25)]);

  it("allows any cost without a budget, and exactly the budget", () => {
    enforceBudget(cost, undefined);
    enforceBudget(cost, 0.5317);
    enforceBudget(cost, 10);
  });

  it("refuses a cost above it, with the parts and a command that would allow it", () => {
    assert.throws(() => enforceBudget(cost, 0.5316), {
      message: [
        "This cluster would cost $0.5317 an hour, more than budget.maxHourly allows ($0.5316):",
        "  - manager: a × 1: $0.0317",
        "  - workers: b × 2: $0.5",
        "Use fewer or smaller workers, or allow more with: pulumi config set --path 'budget.maxHourly' 0.54",
        "Nothing was created or changed.",
      ].join("\n"),
    });
    enforceBudget(cost, 0.54);
  });

  it("suggests a sufficient value, also for a total of whole cents", () => {
    for (const each of [0.29, 0.57, 0.58, 1.1, 4.35]) {
      const whole = hourlyCost([compute("a", 1, each)]);
      let enough = 0;
      assert.throws(
        () => enforceBudget(whole, 0.01),
        ({ message }: Error) => {
          enough = Number(/'budget\.maxHourly' (\S+)$/m.exec(message)?.[1]);
          return true;
        },
      );
      enforceBudget(whole, enough);
      assert.ok(enough < each + 0.02, `${enough} for ${each}`);
    }
  });
});
