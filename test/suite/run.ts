import { availableParallelism, constants } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pLimit from "p-limit";
import { globSync } from "tinyglobby";
import { removeStale } from "../e2e/harness/leftovers";
import { succeed } from "../e2e/harness/programs";
import { type Group, groupsOf } from "./groups";
import { MochaProcess } from "./mocha-process";
import { pluginsServing } from "./plugins";
import { Report } from "./report";

// Runs test files in several parallel processes, and ends with one report: `run [FILE|FOLDER|GLOB…]`, with these
// options of mocha's, the number of parallel processes, and the file for all times.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: "string", short: "g" },
    invert: { type: "boolean", short: "i" },
    bail: { type: "boolean", short: "b" },
    "dry-run": { type: "boolean" },
    times: { type: "string" },
    jobs: { type: "string", short: "j", default: `${availableParallelism() + 1}` },
  },
});
const { jobs, times, ...mocha } = values;
const options = Object.entries(mocha).flatMap(([name, value]) =>
  value === true ? [`--${name}`] : [`--${name}`, `${value}`],
);

const report = new Report(times);
const running = new Set<MochaProcess>();
let interruption: NodeJS.Signals | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interruption) return;
    interruption = signal;
    console.error(`\n${signal}: waiting until the tests have removed what they made`);
    for (const one of running) one.interrupt();
  });
}

async function run(group: Group, live: boolean): Promise<void> {
  if (interruption) return;
  const show = () => {
    const lines = one.take();
    if (lines.trim()) console.log(`\n${group.name}:\n${lines.trimEnd()}`);
  };
  const one = new MochaProcess(group, options, live, (message) => {
    if (message === "suite end") show();
    else report.add(message);
  });
  running.add(one);
  await one.finish();
  running.delete(one);
  show();
}

/** What a process of tests has left counts as a failed test; it is removed nevertheless. */
async function nothingIsLeft(): Promise<void> {
  const left = await removeStale();
  if (left.length === 0) return;
  report.add({
    kind: "test",
    file: "test/e2e",
    title: "leave nothing on this machine",
    seconds: 0,
    state: "failed",
    reason: `Stacks that were left: ${left.join(", ")}`,
  });
}

/** Builds the images that most clusters use, which parallel processes would each build. */
async function makeImages(): Promise<void> {
  console.log("Building the images of a default cluster: five minutes when none of them is there");
  await succeed([join(__dirname, "../../scripts/setup/snapshot")], { seconds: 1200 });
}

async function main(): Promise<void> {
  const files = globSync(positionals).filter((file) => file.endsWith(".test.ts"));
  if (files.length === 0) throw new Error(`no test file is ${positionals.join(" or ")}`);
  const groups = groupsOf(files);
  const clusters = !mocha["dry-run"] && files.some((file) => file.startsWith("test/e2e/"));
  if (clusters) {
    await removeStale();
    await makeImages();
  }
  const limit = pLimit(Number(jobs));
  await Promise.all(groups.map((group) => limit(() => run(group, groups.length === 1))));
  if (clusters && !interruption) await nothingIsLeft();
  if (clusters) report.note = pluginsServing();
  report.save();
  console.log(report.text());
  if (report.size === 0) console.error("no test has run");
  if (interruption) process.exitCode = 128 + constants.signals[interruption];
  else if (report.failures.length > 0 || report.size === 0) process.exitCode = 1;
}

main();
