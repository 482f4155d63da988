import { constants } from "node:os";

export type Handler = (signal: NodeJS.Signals) => void;

const exit: Handler = (signal) => process.exit(128 + constants.signals[signal]);
let current: Handler | undefined;

/** Sets what happens when this process is asked to end. */
export function onSignals(handler: Handler): void {
  if (!current) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => current?.(signal));
    }
    watchNpx();
  }
  current = handler;
}

/** npx starts programs by a shell, which dies of a signal without passing it on: its death counts as the signal. */
function watchNpx(): void {
  if (!process.env.npm_command) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    current?.("SIGTERM");
  }, 500);
  timer.unref();
}

/**
 * Makes signals end this process by exiting, unless they are already handled: so it cleans up, unlike by the default
 * action.
 */
export function exitOnSignals(): void {
  if (!current) onSignals(exit);
}
