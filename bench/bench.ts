// Run by scripts/bench, which sets the environment and removes what this leaves.
import { constants } from "node:os";
import { destroy, firstUp, plainSettings } from "./cluster";
import { type Comparison, comparisonTable, load, say } from "./measure";
import { compareNoop } from "./noop";
import { endAll } from "./run";
import { benchScale, endCloud } from "./scale";
import { compareShuffle } from "./shuffle";
import { compareStart } from "./start";
import { compareStorage } from "./storage";

const only = process.argv[2];
const wanted = (name: string): boolean => !only || only === name;

async function main(): Promise<void> {
  if (only === "scale") {
    console.log(`\n${await benchScale()}`);
    return;
  }
  say(`a cluster first, which builds the images that are missing; load ${load()}`);
  await firstUp();
  if (only === "storage") {
    await destroy();
    print(await compareStorage());
    return;
  }
  const settings = await plainSettings();
  const comparisons: Comparison[] = [];
  if (wanted("noop")) comparisons.push(await compareNoop());
  if (wanted("shuffle")) comparisons.push(await compareShuffle(settings));
  await destroy();
  if (wanted("start")) comparisons.unshift(await compareStart(settings));
  print(comparisons);
}

function print(comparisons: Comparison[]): void {
  say(`done; load ${load()}`);
  console.log(`\nMedians of one run; load is what the machine did in the last minute.\n`);
  console.log(comparisonTable(comparisons));
}

let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    interrupted = true;
    console.error("bench: interrupted, cleaning up");
    await endAll();
    await endCloud();
    process.exit(128 + constants.signals[signal]);
  });
}

main().catch((error: unknown) => {
  // What was running then failed because it was ended.
  if (interrupted) return;
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
