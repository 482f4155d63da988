import type { Argv } from "yargs";
import { CliError } from "./errors";

/** The options that every command has. */
export interface Common {
  stack?: string;
}

/** The options that submit and shell share. */
export const sparkOptions = (args: Argv<Common>) =>
  args
    .option("conf", {
      alias: "c",
      type: "string",
      array: true,
      requiresArg: true,
      default: [] as string[],
      defaultDescription: "none",
      description: "A Spark setting, KEY=VALUE; may be given more than once",
      coerce: (settings: string[]) => settings.map(setting),
    })
    .option("packages", {
      type: "string",
      requiresArg: true,
      description: "Maven packages to load, GROUP:NAME:VERSION, separated by commas",
    });

function setting(text: string): string {
  if (/^[^=\s]+=/.test(text)) return text;
  throw new CliError("usage", `--conf ${text}: a setting must be KEY=VALUE.`);
}

/** Settings as options of spark-submit and the shells; the last one counts. */
export const confOptions = (settings: string[]): string[] =>
  settings.flatMap((setting) => ["--conf", setting]);

/** The arguments after `--`. */
export function rest(args: object): string[] {
  return "--" in args && Array.isArray(args["--"]) ? args["--"].map(String) : [];
}
