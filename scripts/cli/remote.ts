import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The command that runs a script of remote/ on a host. The script travels in the command, so that
 * standard input is the script's own; `exec` makes it a direct child of the host's sshd, which it watches.
 */
export function remoteCommand(script: string, ...args: string[]): string {
  const text = readFileSync(join(__dirname, "remote", script), "utf8");
  return ["exec bash -c", ...[text, script, ...args].map(quote)].join(" ");
}

/** One word of a shell's command line, whatever is in it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
