import { createReadStream } from "node:fs";
import { constants } from "node:os";
import { driverCommand } from "./driver";
import { onSignals } from "./signals";
import type { Ssh } from "./ssh";
import { watchExecutors } from "./watch-executors";

/**
 * Runs a packed job on the manager and streams what it prints; its exit status. The connection's standard
 * input is the job's lifeline: when it ends, on Ctrl-C or because this process is gone, the job is stopped.
 */
export async function runJob(
  ssh: Ssh,
  job: { id: string; title: string; command: string[]; tar: string; size: number },
  executorCores?: number,
): Promise<number> {
  const { cluster } = ssh;
  const host = cluster.manager.name;
  const command = driverCommand(cluster, { ...job, input: `files:${job.size}` });
  // In a process group of its own: Ctrl-C at the terminal must not cut the connection, so that we see
  // what the job says when it is stopped.
  const child = ssh.start(host, ["-v", "-T"], command, {
    stdio: ["pipe", "inherit", "inherit"],
    detached: true,
  });
  child.stdin?.on("error", () => {}); // its exit status tells
  if (child.stdin) createReadStream(job.tar).pipe(child.stdin, { end: false });

  let stoppedBy: NodeJS.Signals | undefined;
  onSignals((signal) => {
    if (stoppedBy) process.exit(128 + constants.signals[signal]);
    stoppedBy = signal;
    console.error("spark-swarm: stopping the job (once more to not wait for that)");
    child.stdin?.end();
  });
  const stopWatching = watchExecutors(ssh, job.id, executorCores);
  try {
    const status = await ssh.end(host, child);
    return stoppedBy ? 128 + constants.signals[stoppedBy] : status;
  } finally {
    stopWatching();
  }
}
