import { exitCodes } from "./exit-codes";
import type { Page } from "./pages";
import { onSignals } from "./signals";
import type { Ssh } from "./ssh";
import { openTunnel, startTunnel } from "./tunnel";

/**
 * Gives one address in the cluster a port on this machine until Ctrl-C, and tells where it is. When a tunnel is open
 * already, that one is used, and this returns at once.
 *
 * @param tell is told host and port, and the proxy by which that is reached, if there is one
 */
export async function forward(
  ssh: Ssh,
  page: Page,
  tell: (address: string, socks?: number) => void,
): Promise<number> {
  const open = openTunnel(ssh.cluster.stack);
  const forwarded = open?.forwards.find(({ title }) => title === page.title);
  if (forwarded) {
    tell(`localhost:${forwarded.localPort}`);
    return exitCodes.ok;
  }
  if (open?.socks) {
    tell(`${page.host}:${page.port}`, open.socks);
    return exitCodes.ok;
  }
  const { tunnel, child, end } = await startTunnel(ssh, { pages: [page] }, false);
  let asked = false;
  onSignals((signal) => {
    asked = true;
    child.kill(signal);
  });
  tell(`localhost:${tunnel.forwards[0]?.localPort}`);
  await end;
  const failure = asked ? undefined : ssh.failure("bastion");
  if (failure) throw failure;
  return exitCodes.ok;
}
