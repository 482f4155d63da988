import type { HourlyCost } from "../outputs";

export type CostPart = HourlyCost["parts"][number];

/** Adds up parts. It rounds each to a hundredth of a cent first, so that the printed parts add up too. */
export function hourlyCost(parts: Omit<CostPart, "hourly">[]): HourlyCost {
  const priced = parts.map((part) => ({ ...part, hourly: round(part.count * part.each) }));
  return {
    currency: "USD",
    total: round(priced.reduce((sum, { hourly }) => sum + hourly, 0)),
    parts: priced,
  };
}

/**
 * Refuses a cluster that costs more than is allowed.
 *
 * @param maxHourly US dollars an hour; undefined allows any cost
 * @throws Error with the cost and its parts
 */
export function enforceBudget(cost: HourlyCost, maxHourly: number | undefined): void {
  if (maxHourly === undefined || cost.total <= maxHourly) return;
  const parts = cost.parts.map(({ item, count, hourly }) => `  - ${item} × ${count}: $${hourly}`);
  throw new Error(
    [
      `This cluster would cost $${cost.total} an hour, more than budget.maxHourly allows ($${maxHourly}):`,
      ...parts,
      "Use fewer or smaller workers, or allow more with: pulumi config set --path 'budget.maxHourly' " +
        `${Math.ceil(cost.total * 100) / 100}`,
      "Nothing was created or changed.",
    ].join("\n"),
  );
}

function round(dollars: number): number {
  return Math.round(dollars * 10_000) / 10_000;
}
