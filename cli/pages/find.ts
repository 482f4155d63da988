import { join } from "node:path";
import { CliError } from "../errors";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";
import { parseFacts } from "../status/facts";
import { type Page, pages } from "./pages";

/** Asks the manager which web pages exist now. */
export async function findPages(ssh: Ssh): Promise<Page[]> {
  const { status, stdout, stderr } = await ssh.run(
    ssh.cluster.manager.name,
    remoteCommand(join(__dirname, "../status/facts.sh")),
  );
  if (status !== 0) {
    throw new CliError("failed", `Docker on the manager does not answer: ${stderr.trim()}`);
  }
  return pages(ssh.cluster, parseFacts(stdout));
}
