import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Group } from "./groups";
import type { Measurement } from "./measurement";

const MOCHA = require.resolve("mocha/bin/mocha.js");
/** The time from a process's last test until it must have ended, milliseconds. */
const END_MS = 120_000;

/** Mocha on a group's files, in a process of its own. */
export class MochaProcess {
  private readonly child: ChildProcess;
  private written = "";
  private ended = false;

  /**
   * @param options mocha's
   * @param live whether it writes to this process's output at once
   * @param hear called with what it has measured, and when a suite of a file has ended
   */
  constructor(
    private readonly group: Group,
    options: string[],
    live: boolean,
    private readonly hear: (message: Measurement | "suite end") => void,
  ) {
    const stream = live ? "inherit" : "pipe";
    const color = process.stdout.isTTY ? ["--color"] : [];
    this.child = spawn(process.execPath, [MOCHA, ...color, ...options, ...group.files], {
      stdio: ["ignore", stream, stream, "ipc"],
      // Ctrl-C reaches the process that started all, which passes it on once.
      detached: true,
    });
    for (const output of [this.child.stdout, this.child.stderr]) {
      output?.setEncoding("utf8").on("data", (text: string) => {
        this.written += text;
      });
    }
  }

  /** Waits for its end. If it ends before its tests, or does not end after them, that counts as a failed test. */
  async finish(): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    this.child.on("message", (message: Measurement | "suite end" | "end") => {
      if (message !== "end") return this.hear(message);
      this.ended = true;
      limit = setTimeout(() => this.child.kill("SIGKILL"), END_MS);
    });
    const [status, signal] = await once(this.child, "close");
    clearTimeout(limit);
    if (!this.ended) this.fail(`ended with ${signal ?? `status ${status}`} before its tests had`);
    else if (signal) this.fail(`did not end by itself within ${END_MS / 1000} s of its last test`);
  }

  /** The lines that it has written since the last call, unless they went to this process's output. */
  take(): string {
    const end = this.written.lastIndexOf("\n") + 1;
    const lines = this.written.slice(0, end);
    this.written = this.written.slice(end);
    return lines;
  }

  /** Asks it to end: it first removes what its tests have created. */
  interrupt(): void {
    this.child.kill("SIGTERM");
  }

  private fail(reason: string): void {
    this.hear({
      kind: "test",
      file: this.group.files[0] ?? "",
      title: `the process of ${this.group.name}`,
      seconds: 0,
      state: "failed",
      reason,
    });
  }
}
