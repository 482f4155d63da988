import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvFile } from "./env-file";
import type { Findings } from "./findings";
import type { Lookup } from "./interpolate";
import { shown } from "./source";

/** The values of variables in Compose files, from several sources: the first that has one counts. */
export class Variables {
  /** Whether a variable was read, so that its value may be in the result. */
  used = false;

  constructor(private readonly layers: Lookup[]) {}

  readonly lookup: Lookup = (name) => {
    for (const layer of this.layers) {
      const value = layer(name);
      if (value !== undefined) {
        this.used = true;
        return value;
      }
    }
    return undefined;
  };

  /** These variables, then those of files, which an included project may have. */
  with(files: Record<string, string>): Variables {
    return new Variables([this.lookup, (name) => files[name]]);
  }
}

/** The variables of the file `.env` in a folder; none if it is missing. */
export function dotEnv(folder: string, lookup: Lookup, findings: Findings): Record<string, string> {
  const path = join(folder, ".env");
  return existsSync(path) ? envFile(path, lookup, findings) : {};
}

/** The variables of a file; its errors are findings. */
export function envFile(
  path: string,
  lookup: Lookup,
  findings: Findings,
  raw = false,
): Record<string, string> {
  const { values, problems } = readEnvFile(readFileSync(path, "utf8"), lookup, raw);
  for (const { line, text } of problems) findings.refuse({ file: shown(path), line }, "", text);
  return values;
}
