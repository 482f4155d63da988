import { bytes } from "./units";

/** Below this, a copy is over before anyone asks. */
const worthTelling = 20 * 1024 ** 2;

/**
 * Tells on standard error how far something of a known size is: in place on a terminal, elsewhere a line
 * for every tenth. Returns what takes note of more bytes.
 */
export function progress(what: string, total: number): (count: number) => void {
  if (total < worthTelling) return () => {};
  const terminal = process.stderr.isTTY;
  const step = terminal ? 100 : 10;
  let done = 0;
  let shown = 0;
  return (count) => {
    done = Math.min(done + count, total);
    const part = Math.floor((done / total) * step);
    if (part === shown) return;
    shown = part;
    const text = `${what}: ${Math.floor((done / total) * 100)}% of ${bytes(total)}`;
    process.stderr.write(terminal ? `\r${text}${done === total ? "\n" : "\x1b[K"}` : `${text}\n`);
  };
}
