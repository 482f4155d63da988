import { constants } from "node:os";
import { endWithUs } from "../programs";
import { onSignals } from "../terminal/signals";
import type { Ssh } from "./ssh";

/** Runs a command on a host, or a shell, with this process's standard streams; returns its exit status. */
export async function runSession(
  ssh: Ssh,
  host: string,
  options: string[],
  command: string,
): Promise<number> {
  const session = ssh.start(host, ["-v", ...options], command, { stdio: "inherit" });
  endWithUs(session.child);
  // Without a remote terminal, Ctrl-C ends ssh; with one, it is a key like others and no signal.
  let endedBy: NodeJS.Signals | undefined;
  onSignals((signal) => {
    endedBy = signal;
    session.child.kill(signal);
  });
  const { status } = await ssh.end(host, session);
  return endedBy ? 128 + constants.signals[endedBy] : status;
}
