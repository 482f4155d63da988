import { deepEqual } from "node:assert/strict";
import { processesOf } from "./leftovers";
import { eventually } from "./programs";
import type { Stack } from "./stack";

/** Checks that no container, volume, network, process, control group or tunnel of a stack is left. */
export async function nothingIsLeft(stack: Stack, hosts: string[]): Promise<void> {
  deepEqual(await stack.objects(), []);
  await eventually(30, () => deepEqual(processesOf(stack.label, hosts), []));
  await eventually(30, () => deepEqual(processesOf(`tunnels/${stack.name}`, []), []));
}
