import type { ServiceOnItsWay } from "./reading";
import { seconds } from "./units";
import { type Mapping, mapping, type Value } from "./values";

// Docker's defaults, in seconds.
const DEFAULTS = { interval: 30, timeout: 30, start_period: 0, retries: 3 };

/** Keeps a health check, and lets the stack wait as long as the check may take. */
export function healthcheck(service: ServiceOnItsWay, value: Value): void {
  const { made, reading } = service;
  const check = { ...mapping(value) };
  const time = (key: "interval" | "timeout" | "start_period") =>
    check[key] === undefined ? DEFAULTS[key] : duration(service, ["healthcheck", key], check[key]);
  const period = time("start_period");
  const retries = Number(check.retries ?? DEFAULTS.retries);
  reading.slowest(period + retries * time("interval") + time("timeout"));
  if ("start_interval" in check) {
    delete check.start_interval;
    service.say(["healthcheck", "start_interval"], "left out: Docker here supports only interval");
  }
  made.healthcheck = check as Mapping;
}

/** The seconds of a duration. Refuses a duration that Docker does not accept. */
export function duration(service: ServiceOnItsWay, path: string[], value: Value): number {
  const found = typeof value === "string" ? seconds(value) : undefined;
  if (found === undefined) {
    service.refuse(
      path,
      `${JSON.stringify(value)} was given; it must be a duration such as 90s or 1m30s`,
    );
  }
  return found ?? 0;
}
