import { Stack } from "./stack";

let stack: Stack | undefined;

/**
 * The cluster that most tests share, of one manager and two workers: made when it is first asked for. A
 * file asks in its first hook, and gets it mended by an `up` if the file before left it damaged.
 */
export async function sharedCluster(): Promise<Stack> {
  // Drivers start on the manager: two CPUs halve the time of most tests.
  if (!stack) stack = await new Stack("main").create({ workers: "2", "manager.cpus": "2" });
  else if ((await stack.status().catch(() => undefined))?.healthy) return stack;
  await stack.up();
  return stack;
}

/** The same for tests that need the machine for themselves: destroys it if there is one. */
export async function destroySharedCluster(): Promise<void> {
  const former = stack;
  stack = undefined;
  await former?.destroy();
}
