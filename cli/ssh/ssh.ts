import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import which from "which";
import type { Access, Cluster } from "../../program/outputs";
import { CliError } from "../errors";
import { type Finished, type ProgramOptions, type Running, start } from "../programs";
import { exitOnSignals } from "../terminal/signals";
import { knownHosts, logFile, type SshFiles, sshConfig } from "./config";
import { connectionFailed, explainSsh } from "./errors";

/** Begins the names of our directories; the process that made one follows. Short: sockets' paths are. */
const prefix = "sswarm-";

/**
 * Connections to the hosts of one cluster by the system's OpenSSH client, whose configuration and keys
 * live in a directory of ours until the process ends.
 */
export class Ssh {
  readonly cluster: Cluster;
  /** Removes keys and configuration: now, or else when this process ends. */
  readonly close = (): void => {
    rmSync(this.directory, { recursive: true, force: true });
    process.off("exit", this.close);
  };
  private readonly files: SshFiles;

  constructor({ cluster, privateKey }: Access) {
    if (!which.sync("ssh", { nothrow: true })) {
      throw new CliError("missingProgram", "The OpenSSH client `ssh` is not installed.");
    }
    this.cluster = cluster;
    removeStale();
    // Readable by this user alone (0700).
    const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    process.on("exit", this.close);
    exitOnSignals();
    const file = (name: string) => join(directory, name);
    this.files = {
      directory,
      config: file("config"),
      key: file("key"),
      knownHosts: file("known_hosts"),
    };
    writeFileSync(this.files.key, privateKey, { mode: 0o600 });
    writeFileSync(this.files.knownHosts, knownHosts(cluster), { mode: 0o600 });
    writeFileSync(this.files.config, sshConfig(cluster, this.files), { mode: 0o600 });
  }

  /** The names of the hosts one can have a shell on. */
  get hosts(): string[] {
    return [this.cluster.manager.name, ...this.cluster.workers.map(({ name }) => name)];
  }

  /** Starts `ssh HOST COMMAND` with OpenSSH's options. Its own messages go to a log: {@link failure}. */
  start(host: string, options: string[], command: string, streams: ProgramOptions): Running {
    const log = logFile(this.files, host);
    const words = ["-F", this.files.config, "-E", log, ...options, host];
    return start("ssh", command ? [...words, command] : words, streams);
  }

  /** Where files may be put that go when this process ends. */
  get directory(): string {
    return this.files.directory;
  }

  /** Why the connection to a host failed, if it did. */
  failure(host: string): CliError | undefined {
    const log = logFile(this.files, host);
    return explainSsh(host, existsSync(log) ? readFileSync(log, "utf8") : "", this.cluster);
  }

  /** Waits for a started `ssh` to end: the remote command's exit status and output. */
  async end(host: string, { ended }: Running): Promise<Finished> {
    const finished = await ended;
    const failure = finished.status === connectionFailed ? this.failure(host) : undefined;
    if (failure) throw failure;
    return finished;
  }

  /** Runs a command on a host, gives it `input`, and takes what it prints. */
  run(host: string, command: string, input = ""): Promise<Finished> {
    return this.end(host, this.start(host, ["-T"], command, { input }));
  }
}

/** Removes what a killed process left: its directory holds a key. */
function removeStale(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
