import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SPARK_USER } from "../../components/facts";

const LIBRARY = join(__dirname, "on-host.sh");

/**
 * The command that runs a script on a host, after on-host.sh. The script is part of the command, so that standard input
 * is the script's own; `exec` makes it a direct child of the host's sshd, which it watches.
 *
 * @param script its local path
 */
export function remoteCommand(script: string, ...args: string[]): string {
  const text = [LIBRARY, script].map((path) => readFileSync(path, "utf8")).join("");
  const command = `export SPARK_USER=${SPARK_USER}\n${text}`;
  return ["exec bash -c", ...[command, basename(script), ...args].map(quote)].join(" ");
}

/** Quotes any text as one word of a shell's command line. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
