import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../emulators/plugins/lib/values";
import { PluginProcess } from "./plugin-process";
import { newKey, type ServerOptions, SshServer } from "./ssh-server";
import { TestedPlugin } from "./tested-plugin";

const hostKey = newKey();
const userKey = newKey();

class CommandPlugin extends TestedPlugin {
  /** For a test's files. */
  folder!: string;
  private servers: SshServer[] = [];

  async start(): Promise<void> {
    this.process = await PluginProcess.start("command");
    this.folder = mkdtempSync(join(tmpdir(), "contract-"));
    this.servers = [];
  }

  async stop(): Promise<void> {
    await this.process.stop();
    for (const server of this.servers) await server.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Starts a server that ends with the test. */
  async serve(options: Partial<ServerOptions> = {}): Promise<SshServer> {
    const server = await SshServer.start({ hostKey, authorized: [userKey.public], ...options });
    this.servers.push(server);
    return server;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  logged(): string[] {
    return this.logs.map(({ message }) => message);
  }
}

/** Describes the plugin, which each test has to itself. */
export function describeCommandPlugin(tests: (plugin: CommandPlugin) => void): void {
  describe("the command plugin at work", function () {
    this.timeout("5m");
    const plugin = new CommandPlugin();
    beforeEach(() => plugin.start());
    afterEach(() => plugin.stop());
    tests(plugin);
  });
}

/** How to reach a server, with the smallest number of dials that shows a retry. */
export function connectionTo({ port }: { port: number }, more: Properties = {}): Properties {
  return {
    host: "127.0.0.1",
    port,
    user: "root",
    privateKey: userKey.private,
    hostKey: hostKey.public,
    dialErrorLimit: 1,
    perDialTimeout: 5,
    ...more,
  };
}

const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !condition(); ) {
    assert(Date.now() < deadline, `waited in vain for ${condition}`);
    await sleep(20);
  }
}
