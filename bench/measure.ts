import { loadavg } from "node:os";
import { table } from "../cli/terminal/table";

/** One line of the table. */
export interface Comparison {
  what: string;
  ours: number[];
  other: number[];
  /** The target: the ratio of medians should be at most this. */
  aim: number;
  notes: string[];
}

/** Measures both sides in turn, so that other load on the machine affects both alike. */
export async function byTurns(
  rounds: number,
  ours: () => Promise<number>,
  other: () => Promise<number>,
): Promise<Pick<Comparison, "ours" | "other">> {
  const seconds = { ours: [] as number[], other: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    seconds.ours.push(await ours());
    seconds.other.push(await other());
    const [one, two] = [seconds.ours.at(-1) ?? 0, seconds.other.at(-1) ?? 0];
    say(
      `  round ${round}: ours ${one.toFixed(1)} s, the other ${two.toFixed(1)} s, load ${load()}`,
    );
  }
  return seconds;
}

const begin = performance.now();

export function say(text: string): void {
  console.log(`${String(Math.round((performance.now() - begin) / 1000)).padStart(4)} s  ${text}`);
}

/** The machine's load of the last minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

export function comparisonTable(comparisons: Comparison[]): string {
  const header = ["what", "ours", "the other", "ratio", "aim"];
  const rows = comparisons.map(({ what, ours, other, aim }) => {
    const ratio = median(ours) / median(other);
    return [
      what,
      `${median(ours).toFixed(1)} s`,
      `${median(other).toFixed(1)} s`,
      ratio.toFixed(2),
      `${aim} or less${ratio > aim ? ": missed" : ""}`,
    ];
  });
  const notes = comparisons.flatMap((comparison) =>
    comparison.notes.map((note) => `${comparison.what}: ${note}`),
  );
  return [table([header, ...rows], ""), "", ...notes].join("\n");
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
