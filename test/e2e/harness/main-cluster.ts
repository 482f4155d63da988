import { Stack } from "./stack";

let stack: Stack | undefined;

/**
 * The cluster that the files of test/e2e/main share, with one manager and two workers. The first call creates it. Each
 * file calls this in its first hook; an `up` repairs the cluster if the previous file damaged it.
 */
export async function mainCluster(): Promise<Stack> {
  // Drivers start on the manager, so two CPUs halve the time of most tests.
  if (!stack) stack = await new Stack("main").create({ workers: "2", "manager.cpus": "2" });
  else if ((await stack.status().catch(() => undefined))?.healthy) return stack;
  await stack.up();
  return stack;
}
