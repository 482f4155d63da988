import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { CliError } from "../errors";
import { endWithUs, type Running, run } from "../programs";
import { home } from "../pulumi/pulumi";
import { freePort } from "../ssh/local-ports";
import type { Ssh } from "../ssh/ssh";
import { LocalPages } from "./local-pages";
import type { Page } from "./pages";

/**
 * The tunnel of a stack: an `ssh` to its bastion, which listens on a control socket in a directory of the
 * stack's own, so that other runs of this tool find it and can end it.
 */
export interface Tunnel {
  /** The local SOCKS port, unless the tunnel has plain ports. */
  socks?: number;
  /** Plain local ports and the pages they lead to. */
  forwards: (Page & { localPort: number })[];
}

/** The control socket's name. Used relative to its directory: a socket's path must be short. */
const socket = "socket";

/** The files of a stack's tunnel and browser. */
export function tunnelDirectory(stack: string): string {
  return join(home, "tunnels", stack);
}

/** A stack's open tunnel. */
export async function openTunnel(stack: string): Promise<Tunnel | undefined> {
  const directory = tunnelDirectory(stack);
  if (!(await control(directory, "check"))) return undefined;
  return JSON.parse(readFileSync(join(directory, "tunnel.json"), "utf8")) as Tunnel;
}

/** Ends a stack's tunnel; false if none was open. */
export function stopTunnel(stack: string): Promise<boolean> {
  return control(tunnelDirectory(stack), "exit");
}

/** Sends a command to the `ssh` that holds the tunnel. Only that process can answer on the socket. */
async function control(directory: string, verb: "check" | "exit"): Promise<boolean> {
  if (!existsSync(directory)) return false;
  // With no configuration, so that the host's name means nothing.
  const args = ["-F", "none", "-o", `ControlPath=${socket}`, "-O", verb, "bastion"];
  const { status } = await run("ssh", args, { cwd: directory });
  return status === 0;
}

/** The kind of a new tunnel: a SOCKS port, or the pages to give plain ports to, which this process then serves. */
export type TunnelRequest = { socks: number | "any" } | { pages: Page[] };

/**
 * Opens a tunnel and resolves when it is usable. In the background it outlives this process; otherwise it lasts until
 * `child` has ended.
 */
export async function startTunnel(
  ssh: Ssh,
  request: TunnelRequest,
  background: boolean,
): Promise<Running & { tunnel: Tunnel }> {
  const { stack } = ssh.cluster;
  await refuseSecond(stack);
  const { tunnel, socks } = await choosePorts(ssh, request);
  const directory = tunnelDirectory(stack);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // A socket that a killed ssh left: it does not answer.
  rmSync(join(directory, socket), { force: true });

  const options = [
    ...["-N", "-M", "-o", `ControlPath=${socket}`, "-o", "ExitOnForwardFailure=yes"],
    ...["-D", `127.0.0.1:${socks}`],
    ...tunnel.forwards
      .filter(({ spark }) => !spark)
      .flatMap(({ localPort, host, port }) => ["-L", `127.0.0.1:${localPort}:${host}:${port}`]),
    // Goes to the background once the bastion has accepted the login.
    ...(background ? ["-f"] : []),
  ];
  writeFileSync(join(directory, "tunnel.json"), JSON.stringify(tunnel), { mode: 0o600 });
  const running = ssh.start("bastion", options, "", { cwd: directory, stdio: "ignore" });
  const opened = running.ended.then(({ status }) => requireOpen(ssh, status));
  if (!background) endWithUs(running.child);
  await (background ? opened : Promise.race([opened, answering(directory)]));
  return { ...running, tunnel };
}

/** Refuses a second tunnel to the same cluster: its `--stop` would not know which one is meant. */
async function refuseSecond(stack: string): Promise<void> {
  const open = await openTunnel(stack);
  if (!open) return;
  const ports = open.socks ? [open.socks] : open.forwards.map(({ localPort }) => localPort);
  throw new CliError(
    "busy",
    `A tunnel to stack ${stack} is already open, on port ${ports.join(", ")}. \`spark-swarm tunnel --stop\` ends it.`,
  );
}

/** The tunnel's ports, and that of the SOCKS proxy, on which those of Spark's pages depend. */
async function choosePorts(
  { cluster }: Ssh,
  request: TunnelRequest,
): Promise<{ tunnel: Tunnel; socks: number }> {
  if ("socks" in request) {
    const wanted = request.socks === "any" ? undefined : request.socks;
    const socks = await getPort({ host: "127.0.0.1", port: wanted });
    if (wanted === undefined || socks === wanted) return { tunnel: { socks, forwards: [] }, socks };
    throw new CliError(
      "busy",
      `Local port ${wanted} is in use. Choose another one, such as --port ${wanted + 1}.`,
    );
  }
  const { SocksProxyAgent } = require("socks-proxy-agent") as typeof import("socks-proxy-agent");
  const socks = await getPort({ host: "127.0.0.1" });
  // The cluster resolves names.
  const agent = new SocksProxyAgent(`socks5h://127.0.0.1:${socks}`);
  const local = new LocalPages(
    agent,
    request.pages.map(({ host }) => host),
    cluster.overlayPrefix,
  );
  const forwards: Tunnel["forwards"] = [];
  for (const page of request.pages) {
    const { host, port, spark } = page;
    forwards.push({ ...page, localPort: await (spark ? local.port(host, port) : freePort(port)) });
  }
  return { tunnel: { forwards }, socks };
}

async function requireOpen(ssh: Ssh, status: number): Promise<void> {
  if (status === 0) return;
  throw (
    ssh.failure("bastion") ??
    new CliError("failed", `The tunnel could not be opened: ssh ended with status ${status}.`)
  );
}

/** Waits until the tunnel answers on its control socket: ssh opens that last. */
async function answering(directory: string): Promise<void> {
  while (!(await control(directory, "check"))) await new Promise((done) => setTimeout(done, 50));
}
