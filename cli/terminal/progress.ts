import { SingleBar } from "cli-progress";
import { bytes } from "./units";

/** Below this, a copy is over before anyone asks. */
const worthShowing = 20 * 1024 ** 2;

/**
 * Shows on standard error how far something of a known size is, in bytes: in place on a terminal, elsewhere by a line
 * every ten seconds. Undefined for what is small.
 */
export function progressBar(what: string, total: number): SingleBar | undefined {
  if (total < worthShowing) return undefined;
  const bar = new SingleBar({
    format: `${what}: [{bar}] {percentage}% of ${bytes(total)}, {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    // Signals are ours, and they leave the terminal as it is.
    gracefulExit: false,
    linewrap: true,
  });
  bar.start(total, 0);
  return bar;
}
