import type { Argv } from "yargs";
import { readCluster, stackName } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { findPages } from "../pages/find";
import { startTunnel, stopTunnel } from "../pages/tunnel";
import { tunnelText } from "../pages/tunnel-text";
import { Ssh } from "../ssh/ssh";
import { onSignals } from "../terminal/signals";

export const builder = (args: Argv<Common>) =>
  args
    .option("port", {
      type: "number",
      requiresArg: true,
      default: 1080,
      description: "The local port of the SOCKS proxy",
    })
    .option("background", { type: "boolean", description: "Leave the tunnel open and return" })
    .option("stop", { type: "boolean", description: "End the stack's open tunnel" })
    .option("forward", {
      type: "boolean",
      description: "Plain local ports for the web pages instead of a SOCKS proxy",
    })
    .option("json", { type: "boolean", description: "Print the addresses as JSON" })
    .conflicts("stop", ["background", "forward"])
    .check(({ port }) => {
      if (Number.isInteger(port) && port > 0 && port < 65536) return true;
      throw new CliError("usage", "--port must be a number from 1 to 65535.");
    })
    .usage(
      "$0 tunnel\n\nOpens a SOCKS proxy into the cluster's network, through its bastion, and prints the addresses to open. Runs until Ctrl-C.",
    )
    .example("$0 tunnel", "A proxy on port 1080, until Ctrl-C")
    .example("$0 tunnel --background", "The same, until `spark-swarm tunnel --stop`")
    .example("$0 tunnel --forward", "http://localhost:8080 and so on, without a proxy");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  if (args.stop) {
    const stack = await stackName(args.stack);
    if (!(await stopTunnel(stack))) {
      throw new CliError("failed", `No tunnel to stack ${stack} is open.`);
    }
    console.log(`The tunnel to stack ${stack} is closed.`);
    return exitCodes.ok;
  }

  const ssh = new Ssh(await readCluster(args.stack));
  const background = args.background === true;
  let pages = args.forward ? await findPages(ssh) : [];
  const request = args.forward ? { pages } : { socks: args.port };
  const { tunnel, child, ended } = await startTunnel(ssh, request, background);
  let asked = false;
  onSignals((signal) => {
    asked = true;
    child.kill(signal);
  });
  if (!args.forward) pages = await findPages(ssh);
  console.log(
    args.json
      ? JSON.stringify({ ...tunnel, pages })
      : tunnelText(ssh.cluster.stack, tunnel, pages, background),
  );
  if (background) return exitCodes.ok;
  // Ended by Ctrl-C or `--stop`, or else by the connection.
  await ended;
  const failure = asked ? undefined : ssh.failure("bastion");
  if (failure) throw failure;
  return exitCodes.ok;
}
