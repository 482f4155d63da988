import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Running, start } from "../programs";
import { home, pulumiCommand, root } from "./pulumi";

/** A run of Pulumi that changes something. */
export interface PulumiRun extends Running {
  /** The file that it writes to. */
  log: string;
}

/** The folder with the output of Pulumi's runs on a stack. */
const logFolder = (stack: string): string => join(home, "logs", stack);

/** Removes the output of Pulumi's runs on a stack, after they succeeded. */
export function forgetLogs(stack: string): void {
  rmSync(logFolder(stack), { recursive: true, force: true });
}

/**
 * Starts Pulumi so that nothing interrupts it in the middle, which would leave resources that its state does not know:
 * Ctrl-C at the terminal does not reach it, and it writes to a file, not to a reader that may end.
 *
 * @param name of the log
 * @param variables additions to the environment
 */
export function startPulumi(
  stack: string,
  name: string,
  args: string[],
  variables: Record<string, string> = {},
): PulumiRun {
  const { program, words, env } = pulumiCommand(args);
  mkdirSync(logFolder(stack), { recursive: true });
  const log = join(logFolder(stack), `${name}.log`);
  const file = openSync(log, "w", 0o600);
  const run = start(join(root, "scripts/setup/with-plugins"), [program, ...words], {
    env: { ...env, ...variables },
    stdio: ["ignore", file, file],
    detached: true,
  });
  closeSync(file);
  return { ...run, log };
}

/** Copies the output of a run of Pulumi to standard error until it has ended; returns its exit status. */
export async function follow({ log, ended }: PulumiRun): Promise<number> {
  const file = openSync(log, "r");
  const buffer = Buffer.alloc(64 * 1024);
  const copy = () => {
    for (let size = 1; size > 0; ) {
      size = readSync(file, buffer);
      process.stderr.write(buffer.subarray(0, size));
    }
  };
  const timer = setInterval(copy, 200);
  try {
    return (await ended).status;
  } finally {
    clearInterval(timer);
    copy();
    closeSync(file);
  }
}

/** The output of a run of Pulumi. */
export function said({ log }: Pick<PulumiRun, "log">): string {
  return readFileSync(log, "utf8");
}

/** The end of that output. */
export function lastLines(run: Pick<PulumiRun, "log">, count = 20): string {
  return said(run).trim().split("\n").slice(-count).join("\n");
}
