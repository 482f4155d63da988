import { Stack } from "./stack";

let stack: Stack | undefined;

/**
 * The cluster that the files of test/e2e/main share, of one manager and two workers: made when it is first asked for. A
 * file asks in its first hook, and gets it repaired by an `up` if the file before left it damaged.
 */
export async function mainCluster(): Promise<Stack> {
  // Drivers start on the manager: two CPUs halve the time of most tests.
  if (!stack) stack = await new Stack("main").create({ workers: "2", "manager.cpus": "2" });
  else if ((await stack.status().catch(() => undefined))?.healthy) return stack;
  await stack.up();
  return stack;
}
