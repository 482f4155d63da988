import { type Context, type Suite, Test } from "mocha";

/** One step of a run of tests, and its duration. */
export interface Measurement {
  kind: "test" | "hook" | "up" | "destroy";
  /** The test's file, from the project's folder; the empty string for a hook outside any file. */
  file: string;
  /** With the titles of its suites; of an up or destroy, the stack's name. */
  title: string;
  seconds: number;
  state: "passed" | "failed" | "left out";
  /** Why it failed or was left out. */
  reason?: string;
}

type Listener = (measurement: Measurement) => void;

const listeners: Listener[] = [];

/** Calls a function for everything that is measured in this process. */
export function onMeasurement(listener: Listener): void {
  listeners.push(listener);
}

export function measured(measurement: Measurement): void {
  for (const listener of listeners) listener(measurement);
}

/** Runs something that brings a cluster up or destroys it, and measures it. */
export async function measureCluster<Result>(
  kind: "up" | "destroy",
  stack: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  let state: Measurement["state"] = "failed";
  try {
    const result = await run();
    state = "passed";
    return result;
  } finally {
    const seconds = (performance.now() - began) / 1000;
    measured({ kind, file: "", title: stack, seconds, state });
  }
}

const reasons = new WeakMap<Test | Suite, string>();

/** Skips a test or, in a `before` hook, those of its suite. The last lines of a run show why. */
export function leaveOut(context: Context, reason: string): never {
  const runnable = context.test;
  if (runnable instanceof Test) reasons.set(runnable, reason);
  else if (runnable?.parent) reasons.set(runnable.parent, reason);
  return context.skip();
}

/** Why a test is skipped. */
export function reasonFor(test: Test): string {
  for (let at: Test | Suite | undefined = test; at; at = at.parent) {
    const reason = reasons.get(at);
    if (reason) return reason;
  }
  return "no reason is given";
}
