import { fork } from "node:child_process";
import type { Argv } from "yargs";
import { readCluster, stackName } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { findPages } from "../pages/find";
import type { Page } from "../pages/pages";
import { startTunnel, stopTunnel, type Tunnel } from "../pages/tunnel";
import { tunnelText } from "../pages/tunnel-text";
import { Ssh } from "../ssh/ssh";
import { onSignals } from "../terminal/signals";

/** A service's name on the cluster's network, and its port. */
const SERVICE = /^[\w.-]+:([1-9]\d{0,4})$/;

const isPort = (port: number) => Number.isInteger(port) && port > 0 && port < 65536;

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
      type: "string",
      array: true,
      description:
        "Plain local ports for the web pages, and for services HOST:PORT, instead of a SOCKS proxy",
    })
    .option("json", { type: "boolean", description: "Print the addresses as JSON" })
    .conflicts("stop", ["background", "forward"])
    .check(({ port }) => {
      if (isPort(port)) return true;
      throw new CliError("usage", "--port must be a number from 1 to 65535.");
    })
    .check(({ forward = [] }) => {
      const wrong = forward.find((service) => !isPort(Number(SERVICE.exec(service)?.[1])));
      if (wrong === undefined) return true;
      throw new CliError(
        "usage",
        `--forward ${wrong}: write a service's name on the cluster's network and its port, such as web:8000.`,
      );
    })
    .usage(
      "$0 tunnel\n\nOpens a SOCKS proxy into the cluster's network, through its bastion, and prints the addresses to open. Runs until Ctrl-C.",
    )
    .example("$0 tunnel", "A proxy on port 1080, until Ctrl-C")
    .example("$0 tunnel --background", "The same, until `spark-swarm tunnel --stop`")
    .example("$0 tunnel --forward", "http://localhost:8080 and so on, without a proxy")
    .example("$0 tunnel --forward web:8000", "The same, and a service of your own stacks");

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

  const background = args.background === true;
  if (background && args.forward) return inBackground(args);

  const ssh = new Ssh(await readCluster(args.stack));
  let pages = args.forward ? [...(await findPages(ssh)), ...args.forward.map(service)] : [];
  const request = args.forward ? { pages } : { socks: args.port };
  const { tunnel, child, ended } = await startTunnel(ssh, request, background);
  let asked = false;
  onSignals((signal) => {
    asked = true;
    child.kill(signal);
  });
  if (!args.forward) pages = await findPages(ssh);
  const opened = { stack: ssh.cluster.stack, tunnel, pages };
  print(opened, background, args.json === true);
  process.send?.(opened);
  if (background) return exitCodes.ok;
  // Ended by Ctrl-C or `--stop`, or else by the connection.
  await ended;
  const failure = asked ? undefined : ssh.failure("bastion");
  if (failure) throw failure;
  return exitCodes.ok;
}

function service(address: string): Page {
  const [host = "", port] = address.split(":");
  return { title: address, host, port: Number(port) };
}

interface Opened {
  stack: string;
  tunnel: Tunnel;
  pages: Page[];
}

function print({ stack, tunnel, pages }: Opened, background: boolean, json: boolean): void {
  console.log(
    json ? JSON.stringify({ ...tunnel, pages }) : tunnelText(stack, tunnel, pages, background),
  );
}

/** Runs this command, without `--background`, in a process that outlives this one: it serves Spark's pages. */
function inBackground({ stack, forward = [], json = false }: Args): Promise<number> {
  const services = forward.flatMap((address) => ["--forward", address]);
  const words = ["tunnel", "--forward", ...services, ...(stack ? ["--stack", stack] : [])];
  // Under npx the tool ends with its parent, which this process outlives.
  const { npm_command: _, ...env } = process.env;
  const child = fork(process.argv[1] ?? "", words, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env,
  });
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (status) => {
      process.stderr.write(errors);
      done(status ?? exitCodes.failed);
    });
    child.once("message", (opened: Opened) => {
      print(opened, true, json);
      child.removeAllListeners("close");
      child.disconnect();
      child.stderr?.destroy();
      child.unref();
      done(exitCodes.ok);
    });
  });
}
