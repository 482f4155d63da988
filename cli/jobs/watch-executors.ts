import { join } from "node:path";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/** How long a job may be without executors before the reason is printed; and the interval of later checks. */
const delay = 30_000;
const interval = 10_000;

/**
 * Watches a driver until its application has executors, and prints once why it has none. Returns a function that ends
 * the watch.
 */
export function watchExecutors(ssh: Ssh, id: string, cores?: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const look = async () => {
    const settled = await explain(ssh, id, cores);
    if (!settled && !over) timer = setTimeout(attempt, interval);
  };
  // Failures here do not affect the job.
  const attempt = () => void look().catch(() => {});
  timer = setTimeout(attempt, delay);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** True when the watch can end. */
async function explain(ssh: Ssh, id: string, cores?: number): Promise<boolean> {
  const command = remoteCommand(join(__dirname, "application.sh"), id);
  const { stdout } = await ssh.run(ssh.cluster.manager.name, command);
  const { parseFacts } = await import("../status/facts");
  const { applicationOf, explainWaiting } = await import("./waiting");
  const facts = parseFacts(stdout);
  const application = applicationOf(facts);
  const spark = facts.spark[0];
  if (!spark || !application) return false;
  // Granted cores count: the state stays RUNNING when all executors are lost.
  if (application.cores === 0) {
    const lines = explainWaiting(application, cores, spark).split("\n");
    console.error(lines.map((line) => `spark-swarm: ${line}`).join("\n"));
  }
  return true;
}
