import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Method, Request, Response } from "./plugin-process";

/** One call that a real engine made to an official plugin, and what it was answered. */
export interface Recording {
  session: string;
  method: Method;
  type: string;
  request: Request;
  response: Response | null;
  errors: string[] | null;
}

/**
 * Recorded with pulumi-command 1.2.1 and pulumi-docker 5.1.0. Private keys and join tokens are
 * masked; calls that repeat others and types that are not emulated are left out.
 */
export const recordings: Recording[] = readFileSync(
  join(__dirname, "recordings/official-plugins.jsonl"),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

export function recorded(method: Method, typeOrPackage: string): Recording[] {
  return recordings.filter((call) => call.method === method && call.type.includes(typeOrPackage));
}
