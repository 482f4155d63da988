import type { ChildProcess } from "node:child_process";
import { start } from "../../../cli/programs";

/** A program that has ended. */
export interface Ended {
  /** As in shells: 128 plus the signal's number if a signal ended it. */
  status: number;
  stdout: string;
  stderr: string;
  /** Both, in the order in which they were written. */
  output: string;
}

export interface Options {
  /** The time it may take on an idle machine, seconds. After {@link LOAD} times that its process group is killed. */
  seconds: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Its standard input; empty by default. */
  input?: string;
  /** A service: its standard input ends only when this process does, and it outlives {@link endPrograms}. */
  attached?: boolean;
}

/**
 * The factor for all seconds. They are ample for an idle machine, but with other tests in parallel everything may take
 * several times as long. This makes no test slower: limits are only for what hangs.
 */
export const LOAD = 4;

const running = new Set<Program>();

/** A running program, in its own process group. */
export class Program {
  stdout = "";
  stderr = "";
  output = "";
  readonly ended: Promise<Ended>;

  readonly attached: boolean;

  private readonly child: ChildProcess;
  private over = false;

  constructor(
    readonly command: string[],
    { seconds, env, cwd, input = "", attached = false }: Options,
  ) {
    const [program = "", ...args] = command;
    const { child, ended } = start(program, args, {
      ...{ env, cwd, input: attached ? undefined : input },
      buffer: false,
      detached: true,
    });
    this.child = child;
    this.attached = attached;
    running.add(this);
    const take = (stream: "stdout" | "stderr") => (text: string) => {
      this[stream] += text;
      this.output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", take("stdout"));
    child.stderr?.setEncoding("utf8").on("data", take("stderr"));
    let late = false;
    const limit = setTimeout(
      () => {
        late = true;
        this.signal("SIGKILL");
      },
      LOAD * seconds * 1000,
    );
    const end = ended.finally(() => {
      this.over = true;
      clearTimeout(limit);
      running.delete(this);
    });
    this.ended = end.then(({ status }) => {
      if (late) throw this.problem(`has not ended within ${LOAD * seconds} s`);
      const { stdout, stderr, output } = this;
      return { status, stdout, stderr, output };
    });
    // Those who await it get the rejection. Without this, Node.js would fail if no one awaits it yet.
    this.ended.catch(() => {});
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits until its output matches, at most {@link LOAD} times this many seconds. */
  async says(pattern: RegExp, seconds: number): Promise<RegExpExecArray> {
    const deadline = Date.now() + LOAD * seconds * 1000;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.over) throw this.problem(`has ended without saying ${pattern}`);
      if (Date.now() > deadline)
        throw this.problem(`has not said ${pattern} within ${LOAD * seconds} s`);
      await pause(20);
    }
  }

  /** Sends a signal to it and to what it started, as a terminal does on Ctrl-C. */
  signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }

  private problem(what: string): Error {
    const end = this.output.split("\n").slice(-40).join("\n");
    return new Error(`${this.command.join(" ")} ${what}; the end of its output:\n${end}`);
  }
}

/** Runs a program to its end. */
export function run(command: string[], options: Options): Promise<Ended> {
  return new Program(command, options).ended;
}

/** Runs a program that must succeed; returns its standard output. */
export async function succeed(command: string[], options: Options): Promise<string> {
  const { status, stdout, output } = await run(command, options);
  if (status === 0) return stdout;
  throw new Error(`${command.join(" ")} ended with status ${status}:\n${output}`);
}

let lastEnd: Promise<void> | undefined;

/** Ends every running program except attached ones: SIGINT first, SIGKILL after ten seconds. */
export function endPrograms(): Promise<void> {
  return lastEnd ?? end([...running].filter(({ attached }) => !attached));
}

/** Ends all programs, for the last time: those that start later are the clean-up's, and no hook must end them. */
export function endProgramsForGood(): Promise<void> {
  lastEnd ??= end([...running]);
  return lastEnd;
}

async function end(programs: Program[]): Promise<void> {
  const ends = programs.map((program) => program.ended.catch(() => {}));
  for (const program of programs) program.signal("SIGINT");
  await Promise.race([Promise.all(ends), pause(10_000)]);
  for (const program of programs) if (running.has(program)) program.signal("SIGKILL");
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Waits until a check does not throw any more, at most {@link LOAD} times this many seconds. The check's last error is
 * the failure.
 */
export async function eventually<Found>(
  seconds: number,
  check: () => Promise<Found> | Found,
): Promise<Found> {
  const deadline = Date.now() + LOAD * seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(500);
  }
}
