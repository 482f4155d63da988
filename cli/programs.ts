import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Options } from "execa";

/** Options of a program's run. `env` replaces the environment of this process. */
export interface ProgramOptions
  extends Pick<
    Options,
    "all" | "buffer" | "cwd" | "detached" | "env" | "input" | "stderr" | "stdin" | "stdout"
  > {
  /** Numbers are open files. execa's types allow none above 9. */
  stdio?: Options["stdio"] | ["ignore", number, number];
}

/** A program that has ended. */
export interface Finished {
  /** As in shells: 128 and the signal's number when a signal ended it. */
  status: number;
  /** Empty where it was not piped to this process. */
  stdout: string;
  stderr: string;
  /** With the option `all`: both, in their order of arrival. */
  all: string;
}

/** A running program. */
export interface Running {
  child: ChildProcess;
  /** Rejects only when the program cannot be started. */
  ended: Promise<Finished>;
}

/** Starts a program. It may outlive this process, and receives only signals that are sent to it explicitly. */
export function start(program: string, args: string[], options: ProgramOptions = {}): Running {
  // Loaded on first use: `--help` does not need it.
  const { execa } = require("execa") as typeof import("execa");
  const child = execa(program, args, {
    env: process.env,
    ...(options as Options),
    extendEnv: false,
    reject: false,
    cleanup: false,
    forceKillAfterDelay: false,
    stripFinalNewline: false,
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const ended = child.then(({ exitCode, signal, stdout, stderr, all, cause }) => {
    if (exitCode === undefined && signal === undefined) throw cause;
    return {
      status: exitCode ?? 128 + (signal ? constants.signals[signal] : 0),
      stdout: String(stdout ?? ""),
      stderr: String(stderr ?? ""),
      all: String(all ?? ""),
    };
  });
  // The caller that awaits it gets the rejection; that no one awaits it yet is no defect.
  ended.catch(() => {});
  return { child, ended };
}

/** Runs a program to its end. Its standard input is empty unless `options` say otherwise. */
export function run(program: string, args: string[], options: ProgramOptions = {}) {
  return start(program, args, { input: "", ...options }).ended;
}

/**
 * Ends a process when this one ends, even if killed: a small shell waits for the end of a pipe that only this process
 * holds. For an `ssh` whose own input must stay open.
 */
export function endWithUs(child: ChildProcess): void {
  const guard = start("sh", ["-c", 'read -r _; kill "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.child.unref();
  child.on("exit", () => guard.child.kill());
}
