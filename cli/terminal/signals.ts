import { constants } from "node:os";

export type Handler = (signal: NodeJS.Signals) => void;

const exit: Handler = (signal) => process.exit(128 + constants.signals[signal]);
let current: Handler | undefined;

/** What happens when this process is asked to end, from now on. */
export function onSignals(handler: Handler): void {
  if (!current) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => current?.(signal));
    }
    watchNpx();
  }
  current = handler;
}

/** npx starts programs by a shell, which dies of a signal and does not pass it on: that counts as the signal. */
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
 * Makes signals end this process by exiting, unless they are handled already: thereby (unlike when nothing
 * handles the signal) it cleans up.
 */
export function exitOnSignals(): void {
  if (!current) onSignals(exit);
}
