import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processSpace, startOf } from "../pulumi/processes";
import { home } from "../pulumi/pulumi";

/** How long an ephemeral cluster lives at most, unless its configuration sets another limit; in hours. */
export const EPHEMERAL_HOURS = 4;

const folder = join(home, "ephemeral");

/**
 * A name for a stack that ends with the process that created it. It contains what a reaper on another machine needs:
 * the time of creation, in seconds, and whether its cloud was emulated. Short, because names have at most 64 characters
 * on some clouds.
 */
export function ephemeralName(emulated: boolean, now = new Date()): string {
  const made = Math.floor(now.getTime() / 1000).toString(36);
  const kind = emulated ? "ephemeral-emulated" : "ephemeral";
  return `${kind}-${made}-${randomBytes(4).toString("hex")}`;
}

export interface Ephemeral {
  emulated: boolean;
  made: Date;
}

/** Parses an ephemeral stack's name; undefined for an ordinary stack's. */
export function parseEphemeralName(name: string): Ephemeral | undefined {
  const found = /^ephemeral-(emulated-)?([0-9a-z]{6,7})-[0-9a-f]{8}$/.exec(name);
  if (!found) return undefined;
  const [, emulated, made = ""] = found;
  return {
    emulated: emulated !== undefined,
    made: new Date(Number.parseInt(made, 36) * 1000),
  };
}

/** Records this process as the creator of a stack. */
export async function noteOwner(name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const owner = { pid: process.pid, start: await startOf(process.pid), space: processSpace() };
  writeFileSync(join(folder, name), JSON.stringify(owner));
}

export function forgetOwner(name: string): void {
  rmSync(join(folder, name), { force: true });
}

/** The state of the process that created an ephemeral stack; `unknown` when that was on another machine. */
export type Owner = "running" | "gone" | "unknown";

export async function ownerOf(name: string): Promise<Owner> {
  let owner: { pid: number; start?: string; space: string };
  try {
    owner = JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch {
    return "unknown";
  }
  if (owner.space !== processSpace()) return "unknown";
  return (await startOf(owner.pid)) === owner.start ? "running" : "gone";
}
