import { existsSync, lstatSync } from "node:fs";
import { CliError } from "../errors";

/** Whether a name is an address that Spark fetches itself, `local:///…`, `s3a://…`, not a local file. */
export const isAddress = (name: string): boolean =>
  /^[a-z][a-z0-9+.-]+:/i.test(name) && !existsSync(name);

/** A local file or folder, or an address, and its new name: `settings.json#conf.json`. */
export interface Name {
  path: string;
  alias?: string;
}

/**
 * Reads a list of names, separated by commas, with patterns such as `libs/*.jar`. The name of an existing file is taken
 * literally.
 *
 * @param option the option with the list, for messages
 * @throws CliError when a file is missing
 */
export function namesOf(list: string, option: string, { single = false } = {}): Name[] {
  if (!list) return [];
  if (single || existsSync(list)) return [existing(list, option)];
  const [whole, alias = ""] = withoutAlias(list);
  const words =
    existsSync(whole) && !alias.includes(",") ? [list] : list.split(",").filter(Boolean);
  return words.flatMap((word): Name[] => {
    if (existsSync(word)) return [{ path: word }];
    const [path, alias] = withoutAlias(word);
    if (isAddress(path)) return [{ path, alias }];
    if (alias !== undefined) return [{ ...existing(path, option), alias: checked(alias, word) }];
    return /[*?[{]/.test(path) ? matching(path, option) : [existing(path, option)];
  });
}

function withoutAlias(word: string): [path: string, alias?: string] {
  const hash = word.lastIndexOf("#");
  return hash > 0 ? [word.slice(0, hash), word.slice(hash + 1)] : [word];
}

function matching(pattern: string, option: string): Name[] {
  const { globSync }: typeof import("tinyglobby") = require("tinyglobby");
  const paths = globSync(pattern, { expandDirectories: false, onlyFiles: false }).sort();
  if (paths.length === 0) {
    throw new CliError("missingFile", `${option} ${pattern}: no file here matches.`);
  }
  return paths.map((path) => ({ path }));
}

function existing(path: string, option: string): Name {
  if (existsSync(path)) return { path };
  const where = option ? `${option}: ` : "";
  if (lstatSync(path, { throwIfNoEntry: false })) {
    throw new CliError("missingFile", `${where}${path} is a broken link.`);
  }
  const hint = path.startsWith("/data/")
    ? ` For a file in the cluster's store, use hdfs://${path}.`
    : "";
  throw new CliError("missingFile", `${where}There is no file ${path} here.${hint}`);
}

function checked(alias: string, word: string): string {
  if (alias && !alias.includes("/") && alias !== "." && alias !== "..") return alias;
  throw new CliError("usage", `${word}: the text after # must be one name, of a file or folder.`);
}

/**
 * A file of the job's directory as Spark accepts it: a path, or an escaped address if the path has special characters.
 */
export function inJob(sent: string): string {
  if (/^[\w./-]+$/.test(sent)) return `/job/${sent}`;
  return `file:///job/${sent.split("/").map(encodeURIComponent).join("/")}`;
}

/** @throws CliError for a name under which Spark cannot serve a file to executors, or unpack one there */
export function requireServable(name: string, option: string, unpacked: boolean): void {
  if (unpacked ? /^[\p{L}\p{M}\p{N}_.+@~-]+$/u.test(name) : !/[[\]{}*?,:\\]/.test(name)) return;
  throw new CliError(
    "usage",
    `${option} ${name}: Spark cannot use this name. Give another one after #: ${option} '${name}#NAME'.`,
  );
}
