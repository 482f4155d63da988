import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";
import { explainShortages, type Shortage, shortageIn } from "./memory";

/** Passes a driver's log on to ours, and collects what it says about memory until it ends. */
export async function watchMemory(log: Readable | null): Promise<Set<Shortage>> {
  const found = new Set<Shortage>();
  if (!log) return found;
  // Whoever read it has enough of it (`2>&1 | head`): the job goes on.
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  log.pipe(process.stderr, { end: false });
  const lines = createInterface({ input: log }).on("line", (line) => {
    const shortage = shortageIn(line);
    if (shortage) found.add(shortage);
  });
  // A driver says last why it ended, and its connection may have ended before that is read.
  await once(lines, "close");
  return found;
}

/**
 * Says, after a job has failed, which memory ran out and which setting gives more.
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
