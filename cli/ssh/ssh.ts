import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Access, Cluster } from "../../program/outputs";
import { CliError } from "../errors";
import { findProgram } from "../pulumi/pulumi";
import { exitOnSignals } from "../terminal/signals";
import { knownHosts, logFile, type SshFiles, sshConfig } from "./config";
import { connectionFailed, explainSsh } from "./errors";

/** Begins the names of our directories; the process that made one follows. Short: sockets' paths are. */
const prefix = "sswarm-";

/** What a remote command gave. */
export interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

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
    if (!findProgram("ssh")) {
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
  start(host: string, options: string[], command: string, streams: SpawnOptions): ChildProcess {
    const log = logFile(this.files, host);
    const words = ["-F", this.files.config, "-E", log, ...options, host];
    return spawn("ssh", command ? [...words, command] : words, streams);
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

  /** Waits for a started `ssh` to end: the remote command's exit status. */
  async end(host: string, child: ChildProcess): Promise<number> {
    const status = await ended(child);
    const failure = status === connectionFailed ? this.failure(host) : undefined;
    if (failure) throw failure;
    return status;
  }

  /** Runs a command on a host, gives it `input`, and takes what it prints. */
  async run(host: string, command: string, input = ""): Promise<Result> {
    const child = this.start(host, ["-T"], command, { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    // A command that ends before it has read all: its status tells why.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    const status = await this.end(host, child);
    return { status, stdout, stderr };
  }
}

/** A process's exit status, once it has ended and its output is read. As in shells, 128 and a signal. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (status, signal) => {
      done(status ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/**
 * Ends a process when this one is gone, even killed: a small shell waits for the end of a pipe that only we
 * hold. For an `ssh` whose own input is not ours to close.
 */
export function endWithUs(child: ChildProcess): void {
  const guard = spawn("sh", ["-c", 'read -r _; kill "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  child.on("exit", () => guard.kill());
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
