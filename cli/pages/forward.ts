import { setTimeout as pause } from "node:timers/promises";
import { exitCodes } from "../exit-codes";
import { endWithUs } from "../programs";
import { answers, freePort } from "../ssh/local-ports";
import type { Ssh } from "../ssh/ssh";
import { onSignals } from "../terminal/signals";
import type { Page } from "./pages";

/**
 * Opens a local port to one address in the cluster until Ctrl-C, and prints its number. It is independent of the
 * stack's tunnel and of other ports of its kind: each is for one program.
 */
export async function forward(ssh: Ssh, page: Page, tell: (port: number) => void): Promise<number> {
  const port = await freePort(page.port);
  const { child, ended } = ssh.start(
    "bastion",
    [
      ...["-N", "-o", "ExitOnForwardFailure=yes"],
      ...["-L", `127.0.0.1:${port}:${page.host}:${page.port}`],
    ],
    "",
    { stdio: "ignore" },
  );
  endWithUs(child);
  let asked = false;
  onSignals((signal) => {
    asked = true;
    child.kill(signal);
  });
  let over = false;
  const done = ended.then(() => {
    over = true;
  });
  while (!over && !(await answers(port))) await Promise.race([done, pause(50)]);
  if (!over) tell(port);
  await ended;
  const failure = asked ? undefined : ssh.failure("bastion");
  if (failure) throw failure;
  return exitCodes.ok;
}
