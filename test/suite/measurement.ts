import { type Context, type Suite, Test } from "mocha";

/** One thing that a run of tests did, and how long it took. */
export interface Measurement {
  kind: "test" | "hook" | "up" | "destroy";
  /** Of the test, from the project's folder; of a hook outside any file, the empty string. */
  file: string;
  /** With the titles of what it is in; of an up or destroy, the stack's name. */
  title: string;
  seconds: number;
  state: "passed" | "failed" | "left out";
  /** Why it failed or was left out. */
  reason?: string;
}

type Listener = (measurement: Measurement) => void;

const listeners: Listener[] = [];

/** Has a function hear of all that is measured in this process. */
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

/** Leaves out a test or, in a `before` hook, those of its suite. The last lines of a run say why. */
export function leaveOut(context: Context, reason: string): never {
  const runnable = context.test;
  if (runnable instanceof Test) reasons.set(runnable, reason);
  else if (runnable?.parent) reasons.set(runnable.parent, reason);
  return context.skip();
}

/** Why a test is left out. */
export function reasonFor(test: Test): string {
  for (let at: Test | Suite | undefined = test; at; at = at.parent) {
    const reason = reasons.get(at);
    if (reason) return reason;
  }
  return "no reason is given";
}
