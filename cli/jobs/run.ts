import { createReadStream } from "node:fs";
import { constants } from "node:os";
import type { Ssh } from "../ssh/ssh";
import { onSignals } from "../terminal/signals";
import { driverCommand } from "./driver";
import { watchExecutors } from "./watch-executors";
import { reportShortages, watchMemory } from "./watch-memory";

/** A job whose files are packed. */
export interface RunnableJob {
  id: string;
  title: string;
  command: string[];
  args: string[];
  tar: string;
  /** Of the tar file, in bytes. */
  size: number;
  /** The cores of each executor, if the job sets them. */
  executorCores?: number;
}

/**
 * Runs a packed job on the manager and streams its output; returns its exit status. The connection's standard input is
 * the job's lifeline: when it ends, on Ctrl-C or with this process, the job is stopped.
 */
export async function runJob(ssh: Ssh, job: RunnableJob): Promise<number> {
  const { cluster } = ssh;
  const host = cluster.manager.name;
  const command = driverCommand(cluster, { ...job, input: `files:${job.size}` });
  // In a process group of its own: Ctrl-C at the terminal must not cut the connection, so that the job's output while
  // it stops is still shown.
  const driver = ssh.start(host, ["-v", "-T"], command, {
    stdio: ["pipe", "pipe", "pipe"],
    buffer: false,
    detached: true,
  });
  const { child } = driver;
  child.stdin?.on("error", () => {});
  if (child.stdin) createReadStream(job.tar).pipe(child.stdin, { end: false });

  const shortages = watchMemory(child);

  let stoppedBy: NodeJS.Signals | undefined;
  onSignals((signal) => {
    // Without its connection the job is stopped too, but its output is lost.
    if (stoppedBy) child.kill("SIGKILL");
    else console.error("spark-swarm: stopping the job (repeat to stop waiting)");
    stoppedBy = signal;
    child.stdin?.end();
  });
  const stopWatching = watchExecutors(
    ssh,
    job.id,
    job.executorCores ?? cluster.allocation.executor?.cpus,
  );
  try {
    const { status } = await ssh.end(host, driver);
    if (status !== 0 && !stoppedBy) await reportShortages(ssh, await shortages, job.args);
    return stoppedBy ? 128 + constants.signals[stoppedBy] : status;
  } finally {
    stopWatching();
  }
}
