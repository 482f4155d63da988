import { join } from "node:path";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/** The output formats; see images/spark/sql.py. */
export type Format = "table" | "csv" | "json";

/**
 * Runs SQL statements one after another in one session on the cluster's SQL server, and prints their results as they
 * arrive.
 *
 * @throws CliError with the server's error for the first statement that fails; the rest is not run then
 */
export async function runStatements(
  ssh: Ssh,
  statements: string[],
  format: Format,
): Promise<number> {
  const host = ssh.cluster.manager.name;
  const command = remoteCommand(join(__dirname, "statements.sh"), format);
  // Its input ends with this process, which also ends the statement on the server.
  const running = ssh.start(host, ["-T"], command, {
    stdio: ["pipe", "pipe", "pipe"],
    buffer: { stdout: false },
  });
  const { stdin, stdout } = running.child;
  if (!stdin || !stdout) throw new Error("ssh has no streams");
  stdin.on("error", () => {});
  // On standard input, in no process list: statements may contain secrets.
  stdin.write(`${JSON.stringify(statements)}\n`);
  stdout.pipe(process.stdout, { end: false });
  running.child.on("exit", () => stdin.end());
  const { status, stderr } = await ssh.end(host, running);
  if (status === 0) return exitCodes.ok;
  throw new CliError("failed", stderr.trim() || `The statement ended with status ${status}.`);
}
