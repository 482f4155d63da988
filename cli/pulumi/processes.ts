import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { run } from "../programs";

/**
 * When a process started, in the system's own terms: distinguishes it from a later one with the same number. Undefined
 * when the process does not exist.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (existsSync("/proc/self/stat")) {
    try {
      // See proc(5): the second field is the program's name, in parentheses, the 22nd the start.
      return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
    } catch {
      return undefined;
    }
  }
  const { stdout } = await run("ps", ["-o", "lstart=", "-p", `${pid}`]);
  return stdout.trim() || undefined;
}

/** This machine, or this container: where process numbers mean the same as here. */
export function processSpace(): string {
  const space = "/proc/self/ns/pid";
  return [hostname(), ...(existsSync(space) ? [readlinkSync(space)] : [])].join(" ");
}
