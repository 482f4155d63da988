import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import which from "which";
import { temporaryFolder } from "../../components/temporary-folder";
import type { Access, Cluster } from "../../program/outputs";
import { CliError } from "../errors";
import { type Finished, type ProgramOptions, type Running, start } from "../programs";
import { exitOnSignals } from "../terminal/signals";
import { knownHosts, logFile, type SshFiles, sshConfig } from "./config";
import { connectionFailed, explainSsh } from "./errors";

/**
 * Connections to the hosts of one cluster by the system's OpenSSH client. Its configuration and keys exist in a
 * directory of ours until the process ends.
 */
export class Ssh {
  readonly cluster: Cluster;
  /** Removes keys and configuration: now, or else when this process ends. */
  readonly close: () => void;
  private readonly files: SshFiles;

  constructor({ cluster, privateKey }: Access) {
    if (!which.sync("ssh", { nothrow: true })) {
      throw new CliError("missingProgram", "The OpenSSH client `ssh` is not installed.");
    }
    this.cluster = cluster;
    const { path: directory, remove } = temporaryFolder();
    this.close = remove;
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

  /** The names of the hosts that offer a shell. */
  get hosts(): string[] {
    return [this.cluster.manager.name, ...this.cluster.workers.map(({ name }) => name)];
  }

  /** Starts `ssh HOST COMMAND` with OpenSSH's options. Its own messages go to a log: {@link failure}. */
  start(host: string, options: string[], command: string, streams: ProgramOptions): Running {
    const log = logFile(this.files, host);
    const words = ["-F", this.files.config, "-E", log, ...options, host];
    return start("ssh", command ? [...words, command] : words, streams);
  }

  /** A directory for files that are deleted when this process ends. */
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

  /** Runs a command on a host with `input` as its standard input, and returns its output. */
  run(host: string, command: string, input = ""): Promise<Finished> {
    return this.end(host, this.start(host, ["-T"], command, { input }));
  }
}
