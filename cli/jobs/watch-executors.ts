import { join } from "node:path";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/** How long a job may be without executors before we tell why; and how often we look from then on. */
const delay = 30_000;
const interval = 10_000;

/**
 * Looks after a driver until its application has executors, and tells once why it has none. Returns what
 * ends that.
 */
export function watchExecutors(ssh: Ssh, id: string, cores?: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const look = async () => {
    const settled = await explain(ssh, id, cores);
    if (!settled && !over) timer = setTimeout(attempt, interval);
  };
  // What goes wrong here is no matter of the job's.
  const attempt = () => void look().catch(() => {});
  timer = setTimeout(attempt, delay);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** True when there is nothing more to tell. */
async function explain(ssh: Ssh, id: string, cores?: number): Promise<boolean> {
  const command = remoteCommand(join(__dirname, "application.sh"), id);
  const { stdout } = await ssh.run(ssh.cluster.manager.name, command);
  const { parseFacts } = await import("../status/facts");
  const { applicationOf, explainWaiting } = await import("./waiting");
  const facts = parseFacts(stdout);
  const application = applicationOf(facts);
  const spark = facts.spark[0];
  if (!spark || !application) return false;
  // Granted cores tell: the state stays RUNNING when all executors are lost.
  if (application.cores === 0) {
    const lines = explainWaiting(application, cores, spark).split("\n");
    console.error(lines.map((line) => `spark-swarm: ${line}`).join("\n"));
  }
  return true;
}
