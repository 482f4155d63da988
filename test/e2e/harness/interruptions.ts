import { equal, ok } from "node:assert/strict";
import { eventually, type Program } from "./programs";
import type { Stack } from "./stack";

export const up = ["up", "--yes", "--skip-preview"];
export const destroy = ["destroy", "--yes", "--skip-preview"];

export interface Interruption {
  /** Default: SIGINT. KILL also ends all that Pulumi started. */
  signal?: NodeJS.Signals;
  /** Whether to signal twice: Pulumi then ends at once. */
  twice?: boolean;
}

/** Interrupts Pulumi when it prints this moment. Its status may be 0 if it could finish. */
export async function interrupt(
  stack: Stack,
  args: string[],
  moment: RegExp,
  { signal = "SIGINT", twice = false }: Interruption = {},
): Promise<void> {
  const program = stack.startPulumi(args, 90);
  await program.says(moment, 60);
  if (signal === "SIGKILL") return kill(stack, program);
  program.signal(signal);
  await program.says(/terminate immediately/, 60);
  if (twice) program.signal(signal);
  await program.ended;
  if (twice) await unlock(stack);
}

/** Kills Pulumi, and all that it started, at the moment that `moment` waits for. */
export async function killWhen(
  stack: Stack,
  args: string[],
  moment: () => Promise<boolean>,
): Promise<void> {
  const program = stack.startPulumi(args, 90);
  await eventually(60, async () => ok(await moment(), program.output));
  await kill(stack, program);
}

async function kill(stack: Stack, program: Program): Promise<void> {
  program.signal("SIGKILL");
  equal((await program.ended).status, 137, program.output);
  await unlock(stack);
}

/** Removes the lock, which is a file and stays after a kill. */
const unlock = (stack: Stack) => stack.pulumi(["cancel", "--yes"]);
