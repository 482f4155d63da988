import { HOURS_PER_MONTH, type Priced } from "../../program/outputs";
import { table } from "../terminal/table";
import { counted, duration, money } from "../terminal/units";

const MS_PER_HOUR = 3_600_000;

/** What a cluster costs, as `cost --json` prints it. */
export interface Cost {
  stack: string;
  cloud: string;
  currency: string;
  hourly: number;
  monthly: number;
  /** When the cluster was created. */
  since: string;
  /** Its cost since then, computed as if it always had its present size. */
  soFar: number;
  parts: Priced["hourlyCost"]["parts"];
}

export function costOf({ cluster, hourlyCost }: Priced, now: Date): Cost {
  const { stack, cloud, since } = cluster;
  const { currency, total, parts } = hourlyCost;
  const hours = Math.max(0, now.getTime() - Date.parse(since)) / MS_PER_HOUR;
  return {
    ...{ stack, cloud, currency, since, parts },
    hourly: total,
    monthly: total * HOURS_PER_MONTH,
    soFar: total * hours,
  };
}

/** The same as text. */
export function costText(cost: Cost, now: Date): string {
  const { stack, cloud, currency, hourly, monthly, since, soFar, parts } = cost;
  if (parts.length === 0) return `Stack ${stack} (${cloud}) costs nothing.`;
  const amount = (value: number) => money(value, currency);
  const rows = parts.map(({ what, item, count, each, hourly }) => [
    ...[what, item, `${count} × ${amount(each)}`, amount(hourly)],
  ]);
  const up = duration(now.getTime() - Date.parse(since));
  return [
    `Stack ${stack} (${cloud}): ${amount(hourly)} an hour\n${table(rows)}`,
    `A month (${counted(HOURS_PER_MONTH, "hour")}): ${amount(monthly)}`,
    `Since its creation ${up} ago: about ${amount(soFar)}, at its current size`,
  ].join("\n\n");
}
