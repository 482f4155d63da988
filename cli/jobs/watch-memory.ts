import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import split from "split2";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";
import { explainShortages, type Shortage, shortageIn } from "./memory";

/** Longer than any line of interest; a longer one may be a job's data. */
const LINES = { maxLength: 64 * 1024, skipOverflow: true };

/**
 * Passes on a driver's output, and collects what it shows about memory until it ends. Both of its streams are read:
 * Java's errors are in the log on standard error, but Spark puts those of a Python job's process on standard output
 * (PythonRunner redirects one to the other).
 */
export async function watchMemory(driver: {
  stdout: Readable | null;
  stderr: Readable | null;
}): Promise<Set<Shortage>> {
  const found = new Set<Shortage>();
  await Promise.all([
    watch(driver.stdout, process.stdout, found),
    watch(driver.stderr, process.stderr, found),
  ]);
  return found;
}

async function watch(
  from: Readable | null,
  to: NodeJS.WriteStream,
  found: Set<Shortage>,
): Promise<void> {
  if (!from) return;
  // The reader has closed its end (`submit … | head`): the job continues.
  to.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  from.pipe(to, { end: false });
  const lines = split(LINES);
  from.pipe(lines).on("data", (line: string) => {
    const shortage = shortageIn(line);
    if (shortage) found.add(shortage);
  });
  // A driver prints last why it ended, and its connection may have ended before that is read.
  await once(lines, "end");
}

/**
 * Prints, after a job has failed, which memory ran out and which setting gives more.
 *
 * @param args those of the job's spark-submit
 */
export async function reportShortages(
  ssh: Ssh,
  shortages: Set<Shortage>,
  args: string[],
): Promise<void> {
  if (shortages.size === 0) return;
  const { cluster } = ssh;
  const { oomKills } = await import("../status/oom-kills");
  const { parseFacts } = await import("../status/facts");
  const facts = remoteCommand(join(__dirname, "../status/facts.sh"));
  const [kills, { stdout }] = await Promise.all([
    oomKills(ssh),
    ssh.run(cluster.manager.name, facts),
  ]);
  const workers = parseFacts(stdout).spark[0]?.workers ?? [];
  const setting = (key: string) =>
    args
      .filter((word) => word.startsWith(`${key}=`))
      .at(-1)
      ?.slice(key.length + 1) ?? cluster.allocation.properties[key];
  const lines = explainShortages(shortages, {
    executor: setting("spark.executor.memory"),
    driver: setting("spark.driver.memory"),
    kills,
    largestWorker: Math.max(0, ...workers.map(({ memory }) => memory)),
  });
  for (const line of lines) console.error(`spark-swarm: ${line}`);
}
