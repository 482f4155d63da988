import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Options } from "execa";

/** What of a program's run can be chosen. `env` replaces the environment of this process. */
export interface ProgramOptions
  extends Pick<
    Options,
    "all" | "buffer" | "cwd" | "detached" | "env" | "input" | "stderr" | "stdin" | "stdout"
  > {
  /** Numbers are open files. execa's types end at 9. */
  stdio?: Options["stdio"] | ["ignore", number, number];
}

/** A program that has ended. */
export interface Finished {
  /** As in shells: 128 and the signal's number when a signal ended it. */
  status: number;
  /** Empty where it was not piped to this process. */
  stdout: string;
  stderr: string;
  /** With the option `all`: both, in the order in which they came. */
  all: string;
}

/** A program that runs. */
export interface Running {
  child: ChildProcess;
  /** Rejects only when the program cannot be started. */
  ended: Promise<Finished>;
}

/** Starts a program. It may outlive this process, and gets no signal but those that are sent to it. */
export function start(program: string, args: string[], options: ProgramOptions = {}): Running {
  // Loaded on the first use: `--help` needs none of it.
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
  // Whoever waits for it gets the rejection; that nobody waits yet is no defect.
  ended.catch(() => {});
  return { child, ended };
}

/** Runs a program to its end. Its standard input is empty unless `options` say otherwise. */
export function run(program: string, args: string[], options: ProgramOptions = {}) {
  return start(program, args, { input: "", ...options }).ended;
}

/**
 * Ends a process when this one is gone, even killed: a small shell waits for the end of a pipe that only we
 * hold. For an `ssh` whose own input is not ours to close.
 */
export function endWithUs(child: ChildProcess): void {
  const guard = start("sh", ["-c", 'read -r _; kill "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.child.unref();
  child.on("exit", () => guard.child.kill());
}
