import { briefly } from "../errors";
import type { StackState } from "../pulumi/stack-state";
import { EPHEMERAL_HOURS, type Ephemeral, type Owner } from "../stacks/ephemeral-stacks";
import { duration, localTime } from "../terminal/units";
import type { Lifetime } from "./lifetime";

/** Whether a stack's cluster has expired, and the reason. */
export interface Verdict {
  expired: boolean;
  reason: string;
  /** Whether its manager may still answer, so that it can archive /data/keep first. */
  managed?: boolean;
}

/** Queries about a cluster, for when its state is not enough. */
export interface Probes {
  /** Asks its manager. @throws Error when it does not answer */
  askManager(): Promise<Lifetime>;
  /** Asks the cloud how many of its hosts remain. */
  hostsLeft(): Promise<number>;
}

const alive = (reason: string): Verdict => ({ expired: false, reason });
const expired = (reason: string, managed = false): Verdict => ({ expired: true, reason, managed });

/**
 * Judges a stack by its lifetime. The manager's answer counts first: it knows of extensions and of work. A manager that
 * does not answer may have ended with its cluster, so the cloud is asked next; the configured time comes last.
 */
export async function judge(state: StackState, probes: Probes, now: Date): Promise<Verdict> {
  const { empty, complete, lifetime } = state;
  if (empty) return alive("empty");
  const made = complete ? "" : "half-made, ";
  if (!lifetime || (lifetime.ttl === undefined && lifetime.idle === undefined)) {
    return alive(`${made}no lifetime`);
  }
  if (!complete) return byConfiguration(lifetime, now, made);
  let silence: string;
  try {
    return byManager(await probes.askManager());
  } catch (error) {
    silence = `${briefly(error).replace(/\.$/, "")}, `;
  }
  if ((await probes.hostsLeft()) === 0)
    return expired("it ended itself: none of its hosts is left");
  return byConfiguration(lifetime, now, silence);
}

/**
 * Judges an ephemeral stack: it expires with the process that created it. If that was on another machine, only the time
 * counts.
 */
export async function judgeEphemeral(
  { emulated, made }: Ephemeral,
  owner: Owner,
  state: StackState,
  probes: Probes,
  now: Date,
): Promise<Verdict> {
  if (owner === "running") return alive("in use by the process that made it");
  if (owner === "gone")
    return expired("the process that made it is gone", !emulated && state.complete);
  // An emulated cloud answers on its own machine only.
  if (!emulated && !state.empty && state.lifetime) return judge(state, probes, now);
  const remark = "made on another machine, ";
  return byConfiguration({ since: made, ttl: EPHEMERAL_HOURS * 3600 }, now, remark);
}

function byManager({ now, ends, idleLimit, idleFor, ending }: Lifetime): Verdict {
  const seconds = (span: number) => duration(span * 1000);
  if (ending) return expired("it is ending itself");
  if (ends !== null && ends <= now) return expired(`expired ${at(ends)}`, true);
  if (idleLimit !== null && idleFor >= idleLimit) {
    return expired(`idle for ${seconds(idleFor)}`, true);
  }
  const limits = [
    ...(ends === null ? [] : [`until ${localTime(new Date(ends * 1000))}`]),
    ...(idleLimit === null ? [] : [`until idle for ${seconds(idleLimit)}`]),
  ];
  return alive(`alive ${limits.join(" or ")}`);
}

function byConfiguration(
  { since, ttl }: NonNullable<StackState["lifetime"]>,
  now: Date,
  remark: string,
): Verdict {
  if (ttl === undefined) return alive(`${remark}kept, it has no ttl`);
  const ends = since.getTime() + ttl * 1000;
  return ends <= now.getTime()
    ? expired(`${remark}expired ${at(ends / 1000)}`)
    : alive(`${remark}alive until ${localTime(new Date(ends))}`);
}

const at = (epoch: number): string => `at ${localTime(new Date(epoch * 1000))}`;
