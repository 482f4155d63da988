import { start } from "../cli/programs";

/** Running process groups. */
const groups = new Set<number>();

export interface RunOptions {
  env?: Record<string, string>;
  /** The folder to run in; default: the project's. */
  folder?: string;
  /** The timeout in seconds. */
  limit: number;
}

export interface Finished {
  stdout: string;
  /** From its start to its end. */
  seconds: number;
}

/** Runs a program to its end; throws an error with the end of its output when it fails or takes too long. */
export async function run(
  program: string,
  args: string[],
  { env, folder, limit }: RunOptions,
): Promise<Finished> {
  const begin = performance.now();
  const { child, ended } = start(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdin: "ignore",
    all: true,
    // In its own group, to end it with everything that it started.
    detached: true,
  });
  const group = child.pid;
  if (group) groups.add(group);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (group) void end(group);
  }, limit * 1000);
  try {
    const { status, stdout, all } = await ended;
    if (status === 0) return { stdout, seconds: (performance.now() - begin) / 1000 };
    const why = late ? `did not end within ${limit} s` : `failed with status ${status}`;
    const lines = all.trimEnd().split("\n").slice(-25).join("\n");
    throw new Error(`${[program, ...args].join(" ").slice(0, 120)} ${why}:\n${lines}`);
  } finally {
    clearTimeout(timer);
    if (group) groups.delete(group);
  }
}

/** Ends everything that runs: Pulumi first finishes its current steps. */
export async function endAll(): Promise<void> {
  await Promise.all([...groups].map(end));
}

async function end(group: number): Promise<void> {
  const running = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-group, signal);
    } catch {
      return false;
    }
  };
  running("SIGINT");
  for (let waited = 0; waited < 10_000 && running(0); waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  running("SIGKILL");
}
