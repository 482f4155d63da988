import { CliError } from "./errors";
import { parseFacts } from "./facts";
import { type Page, pages } from "./pages";
import { remoteCommand } from "./remote";
import type { Ssh } from "./ssh";

/** Asks the manager which web pages there are now. */
export async function findPages(ssh: Ssh): Promise<Page[]> {
  const { status, stdout, stderr } = await ssh.run(
    ssh.cluster.manager.name,
    remoteCommand("facts.sh"),
  );
  if (status !== 0) {
    throw new CliError("failed", `Docker on the manager does not answer: ${stderr.trim()}`);
  }
  return pages(ssh.cluster, parseFacts(stdout));
}
