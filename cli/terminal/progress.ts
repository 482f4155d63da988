import { SingleBar } from "cli-progress";
import { bytes } from "./units";

/** A smaller copy ends too soon for a progress bar. */
const worthShowing = 20 * 1024 ** 2;

/**
 * Shows the progress of a transfer of known size, in bytes, on standard error: in place on a terminal, elsewhere by a
 * line every ten seconds. Undefined for a small one.
 */
export function progressBar(what: string, total: number): SingleBar | undefined {
  if (total < worthShowing) return undefined;
  const bar = new SingleBar({
    format: `${what}: [{bar}] {percentage}% of ${bytes(total)}, {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    // This tool handles signals itself, and they leave the terminal as it is.
    gracefulExit: false,
    linewrap: true,
  });
  bar.start(total, 0);
  return bar;
}
