import { accessSync, constants, lstatSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, posix, resolve } from "node:path";
import { FOLDERS } from "../../components/facts";
import { CliError } from "../errors";

/** The folder of the users' data on hosts. */
const { data } = FOLDERS;

/** The file that marks the end of a transfer to a host; see receive.sh. */
export const COMPLETE = ".complete";

/** The directory of `--to`, relative to /data: empty for /data itself. */
export function targetBelowData(to: string): string {
  const path = posix.normalize(posix.isAbsolute(to) ? to : posix.join(data, to)).replace(/\/$/, "");
  if (path !== data && !path.startsWith(`${data}/`)) {
    throw new CliError("usage", `--to ${to}: files can only be put under ${data}.`);
  }
  requireOneLine(path);
  const below = posix.relative(data, path);
  if (below.split("/")[0]?.startsWith(".incoming-")) {
    throw new CliError("usage", `--to ${to}: that name is reserved.`);
  }
  return below;
}

/** A local file or directory to send: the directory it is in, its name, and its size in bytes. */
export interface Source {
  directory: string;
  name: string;
  size: number;
}

/** Checks the files to copy; reports all problems at once. */
export function sources(files: string[]): Source[] {
  const problems: string[] = [];
  const found = files.map((file) => {
    const path = resolve(file);
    const name = basename(path);
    let size = 0;
    try {
      size = sizeOf(path);
    } catch (error) {
      problems.push(explain(file, error as NodeJS.ErrnoException));
    }
    return { directory: dirname(path), name, size };
  });
  if (problems.length > 0) throw new CliError("missingFile", problems.join("\n"));
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    throw new CliError(
      "usage",
      `Two of the files have the name ${twice}. Copy them with different --to.`,
    );
  }
  return found;
}

/** Refuses names that hosts cannot accept. */
export function requireHostNames(files: Source[]): void {
  for (const { name } of files) {
    requireOneLine(name);
    if (name === COMPLETE) throw new CliError("usage", `${name}: that name is reserved.`);
  }
}

/** Hosts exchange names as lines. */
function requireOneLine(name: string): void {
  if (/[\n\r]/.test(name)) {
    throw new CliError(
      "usage",
      `A name with a line break cannot be copied: ${JSON.stringify(name)}.`,
    );
  }
}

/** The total bytes of a file or of a directory's files; fails if one cannot be read. Follows links. */
function sizeOf(path: string): number {
  const stat = statSync(path);
  if (stat.isDirectory()) {
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  }
  if (!stat.isFile()) throw new Error("not a file or directory");
  accessSync(path, constants.R_OK);
  return stat.size;
}

function explain(file: string, { code, path, message }: NodeJS.ErrnoException): string {
  const inside = path && resolve(file) !== path ? ` (in ${file})` : "";
  if (code === "ENOENT") {
    const link = path && lstatSync(path, { throwIfNoEntry: false });
    return link
      ? `${path ?? file} is a broken link${inside}.`
      : `There is no file ${inside ? path : file} here${inside}.`;
  }
  if (code === "EACCES") return `${path ?? file} cannot be read${inside}.`;
  return `${file}: ${message}.`;
}
