import { join } from "node:path";
import { readCluster, stackName } from "../cluster/cluster";
import { CliError } from "../errors";
import { start } from "../programs";
import { Ssh } from "../ssh/ssh";
import { browserArguments, findBrowser } from "../terminal/browser";
import { onSignals } from "../terminal/signals";
import { openTunnel, startTunnel, stopTunnel, type Tunnel, tunnelDirectory } from "./tunnel";

/**
 * Opens a page in a browser with its own profile, inside the cluster's network, by the open tunnel or one that ends
 * with the browser. Resolves to the browser's exit status.
 */
export async function browserSession(url: string, stackOption?: string): Promise<number> {
  const browser = findBrowser();
  if (!browser) {
    throw new CliError(
      "missingProgram",
      "Neither Chromium nor Google Chrome is installed. `spark-swarm tunnel --forward` prints addresses for any browser.",
    );
  }
  const stack = await stackName(stackOption);
  const open = await openTunnel(stack);
  const { socks } = open ?? (await tunnelForBrowser(stackOption));
  if (!socks) {
    throw new CliError(
      "busy",
      "The open tunnel forwards ports and has no proxy. Open those ports, or end it with `spark-swarm tunnel --stop`.",
    );
  }
  const profile = join(tunnelDirectory(stack), "browser");
  const { child, ended } = start(browser, browserArguments(url, profile, socks), {
    stdio: "ignore",
  });
  onSignals((signal) => child.kill(signal));
  try {
    return (await ended).status;
  } finally {
    if (!open) await stopTunnel(stack);
  }
}

async function tunnelForBrowser(stack?: string): Promise<Tunnel> {
  const ssh = new Ssh(await readCluster(stack));
  const { tunnel } = await startTunnel(ssh, { socks: "any" }, true);
  return tunnel;
}
