import { readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { CliError } from "../errors";

/** pip's input for an environment: texts by their names, and files that are sent unchanged. */
export interface Requirements {
  texts: Map<string, string>;
  files: { local: string; name: string; size: number }[];
}

/** The name of the top file, which refers to the others. */
export const MAIN = "requirements.txt";

const FILE_OPTION = /^(\s*(?:-r|-c|--requirement|--constraint)(?:\s+|=)?)(\S+)(.*)$/;
const EDITABLE = /^\s*(?:-e|--editable)(?:\s+|=)?(\S+)/;
const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * Reads a requirements file and those that it names. Local wheels are sent; `${NAME}` becomes the variable's value, as
 * with pip.
 *
 * @throws CliError when a file is missing, or cannot be sent
 */
export function readRequirements(file: string): Requirements {
  const found: Requirements = { texts: new Map(), files: [] };
  const names = new Map<string, string>();
  const read = (path: string, from: string): string => {
    const known = names.get(path);
    if (known) return known;
    const name = names.size === 0 ? MAIN : `requirements-${names.size}.txt`;
    names.set(path, name);
    const lines = readText(path, from).split(/\r?\n/);
    const text = lines.map((line, index) =>
      sendable(expand(line), `${display(path)} line ${index + 1}`, dirname(path), found, read),
    );
    found.texts.set(name, text.join("\n"));
    return name;
  };
  read(resolve(file), "");
  return found;
}

/** A line as it must be where the environment is created. */
function sendable(
  line: string,
  where: string,
  folder: string,
  found: Requirements,
  read: (path: string, from: string) => string,
): string {
  const [, option = "", named = "", rest = ""] = FILE_OPTION.exec(line) ?? [];
  if (named) {
    return isUrl(named) ? line : `${option.trim()} ${read(resolve(folder, named), where)}${rest}`;
  }
  const editable = EDITABLE.exec(line)?.[1];
  const local = editable
    ? !/^\w+\+|^https?:/.test(editable)
    : /^\s*(\.{0,2}\/|\.\.?\s*$)|@\s*file:/.test(line);
  const wheel = /^\s*([^\s:@]+\.whl)\s*(;.*|#.*)?$/.exec(line)?.[1];
  if (!editable && wheel) return sendWheel(resolve(folder, wheel), where, found);
  if (local) {
    throw new CliError(
      "usage",
      `${where}: ${line.trim()} is a local path. Name a wheel (.whl), which is sent, or send the code with --py-files.`,
    );
  }
  return line;
}

function sendWheel(local: string, where: string, found: Requirements): string {
  const stat = statSync(local, { throwIfNoEntry: false });
  if (!stat?.isFile())
    throw new CliError("missingFile", `${where}: there is no file ${local} here.`);
  const name = basename(local);
  found.files.push({ local, name, size: stat.size });
  return `./${name}`;
}

function readText(path: string, from: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const where = from ? `${from}: ` : "";
    const problem = code === "ENOENT" ? `There is no file ${display(path)} here.` : message;
    throw new CliError("missingFile", `${where}${problem}`);
  }
}

function display(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

/** Variables as in pip's files; one that is not set stays. */
function expand(line: string): string {
  return line.replace(/\$\{([A-Z0-9_]+)\}/g, (all, name: string) => process.env[name] ?? all);
}
