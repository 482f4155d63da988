import { InterpolationError, interpolate, type Lookup } from "./interpolate";

export interface EnvFile {
  values: Record<string, string>;
  problems: { line: number; text: string }[];
}

const ENTRY = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:[=:]\s*(.*))?$/;
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/**
 * Reads an .env file: `NAME=value`, with comments, quotes and variables as the Compose Specification has them.
 *
 * @param lookup values of other variables; these have priority over earlier lines of the file
 * @param raw takes each value as it is written, without quotes, variables or comments
 */
export function readEnvFile(text: string, lookup: Lookup, raw = false): EnvFile {
  const values: Record<string, string> = {};
  const problems: EnvFile["problems"] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const known: Lookup = (name) => lookup(name) ?? values[name];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const number = at + 1;
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, rest] = ENTRY.exec(line) ?? [];
    if (!name) {
      problems.push({ line: number, text: "NAME=value is expected here" });
      continue;
    }
    if (rest === undefined) {
      // A name alone takes its value from the environment.
      const value = lookup(name);
      if (value !== undefined) values[name] = value;
      continue;
    }
    if (raw) {
      values[name] = rest;
      continue;
    }
    const quote = /^["']/.exec(rest)?.[0];
    let value = rest;
    if (quote) {
      // A quoted value may span several lines.
      while (closing(value, quote) < 0 && at + 1 < lines.length) value += `\n${lines[++at]}`;
      const end = closing(value, quote);
      if (end < 0) {
        problems.push({
          line: number,
          text: `${name} begins with ${quote} but has no closing ${quote}`,
        });
        continue;
      }
      value = value.slice(1, end);
    } else {
      value = value.replace(/(^|\s+)#.*$/, "").trimEnd();
    }
    try {
      values[name] = quote === "'" ? value : interpolate(unescaped(value, quote), known);
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      problems.push({ line: number, text: `${name}: ${error.message}` });
    }
  }
  return { values, problems };
}

/** Where a quoted text ends; a quote behind a backslash does not count. */
function closing(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function unescaped(text: string, quote: string | undefined): string {
  if (quote !== '"') return text;
  return text.replace(/\\(.)/gs, (whole, character: string) => {
    if (character === "$") return "$$";
    if (character in ESCAPES) return ESCAPES[character] ?? whole;
    return /["'\\]/.test(character) ? character : whole;
  });
}
