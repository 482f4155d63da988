import { constants } from "node:os";
import { onSignals } from "../terminal/signals";
import { endWithUs, type Ssh } from "./ssh";

/** Runs a command on a host, or a shell, with our standard streams as its own; its exit status. */
export async function runSession(
  ssh: Ssh,
  host: string,
  options: string[],
  command: string,
): Promise<number> {
  const child = ssh.start(host, ["-v", ...options], command, { stdio: "inherit" });
  endWithUs(child);
  // Without a terminal over there, Ctrl-C ends ssh; with one, it is a key like others and no signal.
  let endedBy: NodeJS.Signals | undefined;
  onSignals((signal) => {
    endedBy = signal;
    child.kill(signal);
  });
  const status = await ssh.end(host, child);
  return endedBy ? 128 + constants.signals[endedBy] : status;
}
