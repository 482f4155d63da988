import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { briefly, CliError } from "../errors";
import { newId } from "../jobs/driver";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";
import { diskOf, disks } from "../status/disks";
import { progressBar } from "../terminal/progress";
import { bytes } from "../terminal/units";
import { COMPLETE, type Source } from "./data-paths";
import { linkTree, sendFiles } from "./pack";

/** Why hosts lack the files. */
export type Failures = Map<string, string>;

/**
 * Checks every host's disk before anything is sent. A host without enough space stops everything; a worker that does
 * not answer is left out, with the reason; the manager must answer.
 */
export async function requireRoom(ssh: Ssh, size: number): Promise<Failures> {
  const failures: Failures = new Map();
  const full: string[] = [];
  await Promise.all(
    ssh.hosts.map(async (host) => {
      try {
        const disk = diskOf("/data", await disks(ssh, host));
        if (disk && disk.free < size) full.push(`${host} has ${bytes(disk.free)} left for /data`);
      } catch (error) {
        if (host === ssh.cluster.manager.name) throw error;
        failures.set(host, briefly(error));
      }
    }),
  );
  if (full.length > 0) {
    throw new CliError(
      "failed",
      `The files take ${bytes(size)}, but ${full.sort().join(", ")}. Nothing was copied.`,
    );
  }
  return failures;
}

/** Sends files to the manager, into a directory below /data. */
export async function upload(
  ssh: Ssh,
  files: Source[],
  target: string,
  size: number,
): Promise<void> {
  const host = ssh.cluster.manager.name;
  const staging = join(ssh.directory, "upload");
  mkdirSync(staging);
  writeFileSync(join(staging, COMPLETE), "");
  linkTree(
    staging,
    files.map(({ directory, name }) => ({ from: join(directory, name), to: name })),
  );
  const names = files.map(({ name }) => name);
  const command = remoteCommand(join(__dirname, "receive.sh"), newId(), target);
  const receiver = ssh.start(host, ["-T"], command, { stdout: "inherit" });
  const { child } = receiver;
  const bar = progressBar(`to ${host}`, size);
  const problem = await sendFiles(child, staging, names, (count) => bar?.increment(count));
  bar?.stop();
  // Marks the transfer as complete: without it, the host discards what has arrived.
  if (!problem) await sendFiles(child, staging, [COMPLETE]);
  child.stdin?.end();
  const { status, stderr } = await ssh.end(host, receiver);
  if (problem || status !== 0) {
    const reasons = [problem, stderr.trim()].filter(Boolean).join("\n");
    throw new CliError("failed", `The files could not be copied to ${host}: ${reasons}`);
  }
}

/** Lets workers fetch the files from the manager, in parallel. */
export async function distribute(ssh: Ssh, workers: string[], names: string[]): Promise<Failures> {
  const failures: Failures = new Map();
  const list = names.map((name) => `./${name}\n`).join("");
  await Promise.all(
    workers.map(async (worker) => {
      try {
        const result = await ssh.run(worker, "/usr/local/lib/spark-swarm/pull-data", list);
        if (result.status !== 0) {
          const reason = result.stderr.trim().split("\n").at(-1);
          failures.set(worker, reason || `it ended with status ${result.status}`);
        }
      } catch (error) {
        failures.set(worker, briefly(error));
      }
    }),
  );
  return failures;
}
