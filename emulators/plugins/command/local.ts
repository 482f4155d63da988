import { spawn } from "node:child_process";
import type { OutputCollector } from "./output";

/** Running process groups, so that none outlives the plugin. */
const running = new Set<number>();
process.on("exit", () => {
  for (const group of running) kill(group);
});

/** Runs a program on this machine; rejects unless it exits with 0. */
export async function runLocally(
  signal: AbortSignal,
  [program = "", ...args]: string[],
  {
    directory,
    environment,
    stdin,
    output,
  }: {
    directory: string | undefined;
    environment: Record<string, string>;
    stdin: string | undefined;
    output: OutputCollector;
  },
): Promise<string | undefined> {
  signal.throwIfAborted();
  // In its own group, because killing only a shell would leave the programs that it started.
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...process.env, ...environment },
    detached: true,
  });
  const group = child.pid;
  const cancel = () => group !== undefined && kill(group);
  signal.addEventListener("abort", cancel, { once: true });
  if (group !== undefined) running.add(group);
  child.stdout.on("data", (chunk: Buffer) => output.add("stdout", chunk));
  child.stderr.on("data", (chunk: Buffer) => output.add("stderr", chunk));
  // A command may close its input early without reading it.
  child.stdin.on("error", () => {}).end(stdin ?? "");
  try {
    return await new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, killedBy) => {
        if (killedBy) resolve(`signal: ${killedBy === "SIGKILL" ? "killed" : killedBy}`);
        else resolve(code === 0 ? undefined : `exit status ${code}`);
      });
    });
  } finally {
    signal.removeEventListener("abort", cancel);
    if (group !== undefined) running.delete(group);
  }
}

function kill(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}
