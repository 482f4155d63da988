import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Method, Request, Response } from "./plugin-process";

/** One call of a real engine to an official plugin, and its answer. */
export interface Recording {
  session: string;
  method: Method;
  type: string;
  request: Request;
  response: Response | null;
  errors: string[] | null;
}

/**
 * `official-plugins` was recorded with pulumi-command 1.2.1 and pulumi-docker 5.1.0, of small programs. Private keys
 * and join tokens are masked; repeated calls and types that are not emulated are left out. scripts/record made the
 * others, with command 1.2.1, docker 5.0.0 and digitalocean 4.76.0, of this project's own program.
 */
const recordings = ["official-plugins", "local", "digitalocean"].flatMap((file): Recording[] =>
  readFileSync(join(__dirname, `recordings/${file}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line)),
);

/** @param preview whether to return those of previews, else those of updates */
export function recorded(method: Method, typeOrPackage: string, preview = false): Recording[] {
  return recordings.filter(
    (call) =>
      call.method === method &&
      call.type.includes(typeOrPackage) &&
      (call.request.preview ?? false) === preview,
  );
}
