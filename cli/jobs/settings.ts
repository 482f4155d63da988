import { readFileSync } from "node:fs";
import { CliError } from "../errors";
import { type FileList, fileLists } from "./files";

/** Settings that are lists of files, as spark-submit's options are. */
const LIST_SETTINGS: Record<FileList, string> = {
  "py-files": "spark.submit.pyFiles",
  files: "spark.files",
  archives: "spark.archives",
  jars: "spark.jars",
};

/** A job's settings, in spark-submit's order: the file's first, then those of --conf, which override them. */
export interface Settings {
  /** Of --properties-file. */
  file: Map<string, string>;
  /** Of --conf: `KEY=VALUE`. */
  conf: string[];
  /** Of the settings that are lists of files. */
  lists: Partial<Record<FileList, string>>;
}

/** @throws CliError when the file cannot be read */
export function readSettings(conf: string[], propertiesFile?: string): Settings {
  const file = propertiesFile === undefined ? new Map() : readProperties(propertiesFile);
  const lists: Settings["lists"] = {};
  let own = conf;
  for (const list of fileLists) {
    const key = LIST_SETTINGS[list];
    const value = lastOf(own, key) ?? file.get(key);
    if (value !== undefined) lists[list] = value;
    own = own.filter((setting) => !setting.startsWith(`${key}=`));
    file.delete(key);
  }
  return { file, conf: own, lists };
}

/** The effective value of a setting. */
export function settingOf({ file, conf }: Settings, key: string): string | undefined {
  return lastOf(conf, key) ?? file.get(key);
}

/** As lines of spark-defaults.conf. */
export function formatProperties(file: Map<string, string>): string {
  const { stringify }: typeof import("dot-properties") = require("dot-properties");
  return stringify([...file], { keySep: " ", foldChars: "", lineWidth: null } as object);
}

/** The last one counts. */
function lastOf(conf: string[], key: string): string | undefined {
  const settings = conf.filter((setting) => setting.startsWith(`${key}=`));
  return settings.at(-1)?.slice(key.length + 1);
}

/** Spark's own format, Java's properties; like Spark, ignores properties that are not Spark's. */
function readProperties(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === "ENOENT" ? `There is no file ${path} here.` : message;
    throw new CliError("missingFile", `--properties-file: ${problem}`);
  }
  const { parse }: typeof import("dot-properties") = require("dot-properties");
  const properties = parse(text) as Record<string, string>;
  return new Map(
    Object.entries(properties).flatMap(([key, value]) =>
      key.startsWith("spark.") ? [[key, value.trim()]] : [],
    ),
  );
}
