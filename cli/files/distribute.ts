import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { briefly, CliError } from "../errors";
import { newId } from "../jobs/driver";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";
import { diskOf, disks } from "../status/disks";
import { progress } from "../terminal/progress";
import { bytes } from "../terminal/units";
import type { Source } from "./data-paths";
import { startTar } from "./pack";

/** Why hosts do not have the files. */
export type Failures = Map<string, string>;

/**
 * Looks at every host's disk before anything is sent. A host without room stops everything; a worker that
 * does not answer is left out, with the reason; the manager must answer.
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
  const tar = startTar(files);
  const tell = progress(`to ${host}`, size);
  tar.child.stdout?.on("data", (chunk: Buffer) => tell(chunk.length));
  const receiver = ssh.start(
    host,
    ["-T"],
    remoteCommand(join(__dirname, "receive.sh"), newId(), target),
    {
      stdio: ["pipe", "inherit", "pipe"],
    },
  );
  const { stdin } = receiver.child;
  stdin?.on("error", () => {}); // the exit status tells
  if (stdin) tar.child.stdout?.pipe(stdin, { end: false });
  const packed = await tar.ended;
  // Says that all is there: what breaks off, on either side, does not get it and is thrown away.
  if (packed.status === 0 && stdin) {
    writeFileSync(join(ssh.directory, ".complete"), "");
    startTar([{ directory: ssh.directory, name: ".complete" }]).child.stdout?.pipe(stdin);
  } else {
    stdin?.end();
  }
  const received = await ssh.end(host, receiver);
  if (packed.status !== 0 || received.status !== 0) {
    const problem = `${packed.stderr}${received.stderr}`.trim();
    throw new CliError("failed", `The files could not be copied to ${host}: ${problem}`);
  }
}

/** Lets workers fetch the files that the manager has; side by side. */
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
