import { equal, ok } from "node:assert/strict";
import { eventually, type Program } from "./programs";
import type { Stack } from "./stack";

export const up = ["up", "--yes", "--skip-preview"];
export const destroy = ["destroy", "--yes", "--skip-preview"];

export interface Interruption {
  /** Default SIGINT. KILL ends all that Pulumi started, too. */
  signal?: NodeJS.Signals;
  /** Asked twice, Pulumi ends at once. */
  twice?: boolean;
}

/** Interrupts Pulumi when it says that it does something. Its status may be 0 when it could finish that. */
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

/** Kills Pulumi, and all that it started, at the moment for which `moment` looks. */
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

/** A lock in files is not the killed process's own, and stays. */
const unlock = (stack: Stack) => stack.pulumi(["cancel", "--yes"]);
