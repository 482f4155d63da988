import { z } from "zod";
import type { Fault, Faults } from "./contract";

/** An order for API requests to fail; see the control address in control.ts. */
export const faultOrder = z.strictObject({
  /** All methods if missing. */
  method: z.string().optional(),
  /** A regular expression; all paths if missing. */
  path: z
    .string()
    .transform((text) => new RegExp(text))
    .optional(),
  /** AWS: the action, such as `RunInstances`. */
  action: z.string().optional(),
  /** Matching requests that succeed before the first that fails. */
  skip: z.number().int().min(0).default(0),
  /** Matching requests that fail. */
  times: z.number().int().min(1).default(1),
  /** The answer's HTTP status; on AWS: EC2's status for this code. */
  status: z.number().int().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  /** Do the work first, then return the error. */
  after: z.boolean().default(false),
});
type FaultOrder = z.output<typeof faultOrder>;

/** Null removes a limit. `requestsPerMinute` is applied here, the others by the clouds. */
export const limitOrder = z.record(z.string(), z.number().min(0).nullable());

export const bootOrder = z.discriminatedUnion("fault", [
  z.strictObject({ fault: z.literal("never-boots") }),
  z.strictObject({ fault: z.literal("slow-boot"), seconds: z.number().positive() }),
]);

/** EC2's error codes for server faults; the others are client faults, 400. */
const EC2_STATUS: Record<string, number> = {
  InsufficientInstanceCapacity: 500,
  InternalError: 500,
  RequestLimitExceeded: 503,
  Unavailable: 503,
};
const MINUTE = 60_000;

/** Faults that tests have ordered. */
export class OrderedFaults implements Faults {
  private requests: FaultOrder[] = [];
  private limits: Record<string, number | null> = {};
  private readonly boots = new Map<string, number>();
  /** The times of the requests of the last minute that were let through. */
  private times: number[] = [];

  match(request: { method: string; path: string; action?: string }): Fault | undefined {
    return this.ordered(request) ?? this.tooMany(request.action !== undefined);
  }

  limit(name: string): number | undefined {
    return this.limits[name] ?? undefined;
  }

  /** The additional boot time of machines of this name: seconds, Infinity if one never boots. */
  bootDelay(name: string): number {
    return this.boots.get(name) ?? 0;
  }

  order(fault: FaultOrder): void {
    this.requests.push({ ...fault });
  }

  setLimits(limits: z.output<typeof limitOrder>): void {
    this.limits = { ...this.limits, ...limits };
    this.times = [];
  }

  /** Applies to every machine that is powered on from now on under this name, until all is cleared. */
  orderBoot(name: string, order: z.output<typeof bootOrder>): void {
    this.boots.set(name, order.fault === "slow-boot" ? order.seconds : Number.POSITIVE_INFINITY);
  }

  clear(): void {
    this.requests = [];
    this.limits = {};
    this.boots.clear();
  }

  private ordered(request: { method: string; path: string; action?: string }): Fault | undefined {
    for (const order of this.requests) {
      if (order.times === 0 || !matches(order, request)) continue;
      if (order.skip > 0) {
        order.skip--;
        continue;
      }
      order.times--;
      const { code, message, after } = order;
      const status =
        order.status ?? (request.action === undefined ? 500 : (EC2_STATUS[code ?? ""] ?? 400));
      return { status, code, message, after };
    }
    return undefined;
  }

  /** Excess requests are refused in the words of the cloud. */
  private tooMany(isAws: boolean): Fault | undefined {
    const limit = this.limit("requestsPerMinute");
    if (limit === undefined) return undefined;
    const now = Date.now();
    this.times = this.times.filter((time) => now - time < MINUTE);
    if (this.times.length < limit) {
      this.times.push(now);
      return undefined;
    }
    return isAws
      ? {
          status: 503,
          code: "RequestLimitExceeded",
          message: "Request limit exceeded.",
          after: false,
        }
      : {
          status: 429,
          code: "too_many_requests",
          message: "API rate limit exceeded",
          after: false,
        };
  }
}

function matches(
  order: FaultOrder,
  request: { method: string; path: string; action?: string },
): boolean {
  return (
    (order.method === undefined || order.method === request.method) &&
    (order.path === undefined || order.path.test(request.path)) &&
    (order.action === undefined || order.action === request.action)
  );
}
