import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Argv } from "yargs";
import { browserArguments, findBrowser } from "../browser";
import { readCluster, stackName } from "../cluster";
import { CliError } from "../errors";
import { freePort } from "../local-ports";
import type { Common } from "../main";
import { onSignals } from "../signals";
import { ended, Ssh } from "../ssh";
import { openTunnel, startTunnel, stopTunnel, tunnelDirectory } from "../tunnel";

export const builder = (args: Argv<Common>) =>
  args
    .positional("url", {
      type: "string",
      default: "http://master:8080",
      description: "The page to open",
    })
    .usage(
      "$0 browse [URL]\n\nOpens Chromium or Google Chrome, with a profile of its own, inside the cluster's network. Opens a tunnel if there is none, and closes it with the browser.",
    )
    .example("$0 browse", "The master's page")
    .example("$0 browse http://history:18080", "The history server");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const browser = findBrowser();
  if (!browser) {
    throw new CliError(
      "missingProgram",
      "Neither Chromium nor Google Chrome is installed. `spark-swarm tunnel --forward` gives addresses that any browser opens.",
    );
  }
  const stack = await stackName(args.stack);
  const open = openTunnel(stack);
  if (open && !open.socks) {
    throw new CliError(
      "busy",
      "The open tunnel has plain ports and no proxy: open those, or end it with `spark-swarm tunnel --stop`.",
    );
  }
  const socks = open?.socks ?? (await startForBrowser(args.stack));
  const profile = join(tunnelDirectory(stack), "browser");
  const child = spawn(browser, browserArguments(args.url, profile, socks), { stdio: "ignore" });
  onSignals((signal) => child.kill(signal));
  try {
    return await ended(child);
  } finally {
    if (!open) stopTunnel(stack);
  }
}

async function startForBrowser(stack?: string): Promise<number> {
  const ssh = new Ssh(await readCluster(stack));
  const socks = await freePort(1080, new Set());
  await startTunnel(ssh, { socks }, true);
  return socks;
}
