import { constants } from "node:os";

export type Handler = (signal: NodeJS.Signals) => void;

const exit: Handler = (signal) => process.exit(128 + constants.signals[signal]);
let current: Handler | undefined;

/**
 * What happens when this process is asked to end: by default it exits, and thereby (unlike when nothing
 * handles the signal) cleans up.
 */
export function onSignals(handler: Handler = exit): void {
  if (!current) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => current?.(signal));
    }
  }
  current = handler;
}
