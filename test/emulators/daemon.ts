import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CloudResource } from "../../emulators/clouds/contract";
import type { Ready } from "../../emulators/clouds/daemon";

export interface CloudOptions {
  /** From power-on until a machine's system starts, seconds. Default 2. */
  boot?: number;
  /** From the request for a machine until the API reports it as active, seconds. Default 1. */
  provision?: number;
  /** Default `containers`. */
  machines?: "containers" | "simulated";
  /** The volume of the machine image `snapshot`. */
  seed?: string;
}

/** Starts an emulated cloud. It ends with this process at the latest, however that ends. */
export function startCloud(
  name: "digitalocean" | "aws",
  options: CloudOptions = {},
): Promise<EmulatedCloud> {
  const given = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, `${value}`],
  );
  const program = join(__dirname, "../../emulators/bin/emulated-cloud");
  return EmulatedCloud.start([program, name, "--attached", ...given]);
}

/** An emulated cloud in a process of its own. */
export class EmulatedCloud {
  /** Its output on standard error. */
  log = "";

  private constructor(
    readonly process: ChildProcess,
    private readonly ready: Ready,
  ) {}

  static async start([program = "", ...args]: string[]): Promise<EmulatedCloud> {
    // In its own group: Ctrl-C is for the tests, which may need the cloud for their clean-up.
    const child = spawn(program, args, { stdio: "pipe", detached: true });
    const { stdin, stdout, stderr } = child;
    let log = "";
    const listen = (text: string) => {
      log += text;
    };
    stderr.setEncoding("utf8").on("data", listen);
    const lines = createInterface({ input: stdout });
    const line = await Promise.race([
      once(lines, "line").then(([first]) => first as string),
      once(child, "close").then(() => undefined),
    ]);
    if (line === undefined) throw new Error(`${program} ${args.join(" ")} has ended:\n${log}`);
    const cloud = new EmulatedCloud(child, JSON.parse(line));
    cloud.log = log;
    stderr.off("data", listen).on("data", (text: string) => {
      cloud.log += text;
    });
    // A process that forgets to stop it must not hang.
    for (const handle of [child, stdin, stdout, stderr]) (handle as ChildProcess).unref();
    return cloud;
  }

  /** The environment variables for programs that use it. */
  get env(): Record<string, string> {
    return this.ready.env;
  }

  /** The source address of this machine's own connections to the machines. */
  get developer(): string {
    return this.ready.developer;
  }

  /** Docker's name of the network of public addresses. */
  get network(): string {
    return this.ready.network ?? "";
  }

  /** The configuration names of the machine images. */
  get images(): Ready["images"] {
    return this.ready.images;
  }

  /** Orders a fault, see emulators/clouds/control.ts. */
  async control(path: string, body: unknown = {}): Promise<void> {
    await this.ask("POST", path, body);
  }

  /** Clears all faults, limits and boot orders. */
  async clearFaults(): Promise<void> {
    await this.ask("DELETE", "faults");
  }

  /** Everything that exists in it. */
  async state(): Promise<CloudResource[]> {
    const { resources } = (await this.ask("GET", "state")) as { resources: CloudResource[] };
    return resources;
  }

  /** Ends it and everything in it. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.ref();
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const [status] = await ended;
    if (status !== 0) throw new Error(`the emulated cloud ended with ${status}:\n${this.log}`);
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.ready.control}/${path.replace(/^\//, "")}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    if (response.ok) return response.json();
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}\n${this.log}`);
  }
}
