import { readFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * The command that runs a script on a host. The script travels in the command, so that standard input is the
 * script's own; `exec` makes it a direct child of the host's sshd, which it watches.
 *
 * @param script its path on this machine
 */
export function remoteCommand(script: string, ...args: string[]): string {
  const text = readFileSync(script, "utf8");
  return ["exec bash -c", ...[text, basename(script), ...args].map(quote)].join(" ");
}

/** One word of a shell's command line, whatever is in it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
