import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Ignore } from "ignore";
import { CliError } from "../errors";
import { table } from "../terminal/table";
import { bytes } from "../terminal/units";

/** A file of a folder, and its path in that folder with `/` between names. */
export interface FolderFile {
  local: string;
  name: string;
  size: number;
}

/** A larger folder is not sent: it is data, or a mistake. */
export const LARGEST_FOLDER = 100 * 1024 ** 2;

/** Files that no program imports: caches, histories, notebooks' copies. */
const NEVER = /^(__pycache__|\.git|\.hg|\.svn|\.ipynb_checkpoints|\.DS_Store|.*\.py[co])$/;
/** Files at the top of a virtual environment, of Python's and of conda's. */
const ENVIRONMENT = ["pyvenv.cfg", "conda-meta"];

/**
 * The files of a folder, without caches, virtual environments and what .gitignore excludes; follows links.
 *
 * @throws CliError when there is no file, or there are more than {@link LARGEST_FOLDER} bytes
 */
export function filesOfFolder(folder: string): FolderFile[] {
  const root = resolve(folder);
  const files: FolderFile[] = [];
  const rules = new Map(ancestors(root).map((directory) => [directory, rulesOf(directory)]));
  const look = (directory: string, seen: string[]) => {
    if (!rules.has(directory)) rules.set(directory, rulesOf(directory));
    for (const name of readdirSync(directory).sort()) {
      const local = join(directory, name);
      const stat = statSync(local, { throwIfNoEntry: false });
      if (!stat) throw new CliError("missingFile", `${local} is a broken link.`);
      if (NEVER.test(name) || isIgnored(local, stat.isDirectory(), rules)) continue;
      if (stat.isFile()) {
        files.push({ local, name: relative(root, local).replaceAll(sep, "/"), size: stat.size });
      } else if (stat.isDirectory() && !isEnvironment(local)) {
        // A link to a folder above would never end.
        const id = `${stat.dev}:${stat.ino}`;
        if (!seen.includes(id)) look(local, [...seen, id]);
      }
    }
  };
  look(root, []);
  if (files.length === 0) {
    throw new CliError(
      "missingFile",
      `There is nothing to send in ${folder}: it is empty, or .gitignore excludes all of it. A zip of it would be sent unchanged.`,
    );
  }
  requireSmall(folder, files);
  return files;
}

export const sizeOf = (files: { size: number }[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

/** The folder and those above it, up to the top of its repository; outside a repository, the folder alone. */
function ancestors(folder: string): string[] {
  const found: string[] = [];
  for (let directory = folder; ; directory = dirname(directory)) {
    found.unshift(directory);
    if (existsSync(join(directory, ".git"))) return found;
    if (dirname(directory) === directory) return [folder];
  }
}

function rulesOf(directory: string): Ignore | undefined {
  const file = join(directory, ".gitignore");
  if (!existsSync(file)) return undefined;
  const ignore: typeof import("ignore") = require("ignore");
  return ignore().add(readFileSync(file, "utf8"));
}

/** As in git: of the matching rules, those of the deepest folder count. */
function isIgnored(
  path: string,
  isFolder: boolean,
  rules: Map<string, Ignore | undefined>,
): boolean {
  let ignored = false;
  for (const [directory, rule] of rules) {
    if (!rule || !path.startsWith(directory + sep)) continue;
    const name = relative(directory, path).replaceAll(sep, "/");
    const result = rule.test(isFolder ? `${name}/` : name);
    if (result.ignored) ignored = true;
    if (result.unignored) ignored = false;
  }
  return ignored;
}

const isEnvironment = (folder: string): boolean =>
  ENVIRONMENT.some((name) => existsSync(join(folder, name)));

function requireSmall(folder: string, files: FolderFile[]): void {
  const size = sizeOf(files);
  if (size <= LARGEST_FOLDER) return;
  const parts = new Map<string, number>();
  for (const file of files) {
    const [first = "", ...rest] = file.name.split("/");
    const part = rest.length > 0 ? `${first}/` : first;
    parts.set(part, (parts.get(part) ?? 0) + file.size);
  }
  const largest = [...parts].sort(([, a], [, b]) => b - a).slice(0, 5);
  throw new CliError(
    "usage",
    `${folder} has ${bytes(size)} in ${files.length} files; a folder of more than ${bytes(LARGEST_FOLDER)} is not sent. The largest in it:
${table(largest.map(([name, count]) => [name, bytes(count)]))}
Exclude what the job does not need in ${basename(folder)}/.gitignore, copy data to the cluster with \`spark-swarm copy\`, or give a zip of the folder, which is sent unchanged.`,
  );
}
