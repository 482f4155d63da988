import { hostname } from "node:os";
import { startOf } from "./processes";

/** No run of Pulumi on a cluster takes this long. */
const LONGEST_RUN_MS = 3_600_000;

/**
 * Whether a run of Pulumi failed because of locks of killed runs: their process, on this machine, no longer exists, or
 * they are older than any run takes. Locks are those of backends in files and buckets; Pulumi's service releases its
 * own.
 *
 * @param output Pulumi's output
 */
export async function onlyStaleLocks(
  output: string,
  now: Date,
  isGone = async (pid: number) => (await startOf(pid)) === undefined,
): Promise<boolean> {
  if (!output.includes("the stack is currently locked")) return false;
  const locks = [...output.matchAll(/created by \S*@(\S+) \(pid (\d+)\) at (\S+)/g)];
  for (const [, host, pid, time] of locks) {
    const old = now.getTime() - Date.parse(time ?? "") > LONGEST_RUN_MS;
    if (!old && !(host === hostname() && (await isGone(Number(pid))))) return false;
  }
  return true;
}
