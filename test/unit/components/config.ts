import assert from "node:assert/strict";
import { join } from "node:path";
import { parseSettings } from "../../../program/settings/settings";

/** A file that exists, where a setting is the path of one. */
export const FILE = join(__dirname, "settings.test.ts");

/** The lines of the error, one for each problem. */
export function problemsOf(config: Record<string, string>): string[] {
  let problems: string[] = [];
  assert.throws(
    () => parseSettings(config),
    ({ message }: Error) => {
      const lines = message.split("\n");
      assert.match(
        lines[0] ?? "",
        /^The configuration of this stack has (a problem|\d+ problems):$/,
      );
      assert.equal(lines.at(-1), "Nothing was created or changed.");
      problems = lines.slice(1, -1).map((line) => line.replace(/^ {2}- /, ""));
      return true;
    },
  );
  return problems;
}

/** Values as Pulumi keeps them: text as it is, everything else as JSON. */
export function pulumiConfig(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
