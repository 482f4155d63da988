import assert from "node:assert/strict";
import type Docker from "dockerode";
import type { Properties } from "../../emulators/plugins/lib/values";
import { connect, IMAGE, importImage, sweep } from "./docker-daemon";
import { PluginProcess, type Response } from "./plugin-process";
import { urnOf } from "./resource-types";
import { TestedPlugin } from "./tested-plugin";

class DockerPlugin extends TestedPlugin {
  daemon!: Docker;

  async start(): Promise<void> {
    const found = await connect();
    assert(found, "there is no Docker engine to test against: run ./scripts/setup/docker-engine");
    this.daemon = found;
    await sweep(this.daemon);
    await importImage(this.daemon);
    this.process = await PluginProcess.start("docker");
    await this.call("Configure", { args: { version: "5.0.0" } });
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    if (!this.daemon) return;
    await this.daemon.getImage(IMAGE).remove({ force: true });
  }

  remove(type: string, id: string, state: Properties): Promise<Response> {
    return this.call("Delete", { urn: urnOf(type), id, properties: state });
  }
}

/** Describes the plugin with an image that its containers can have. */
export function describeDockerPlugin(tests: (plugin: DockerPlugin) => void): void {
  describe("the docker plugin with a real daemon", function () {
    this.timeout("5m");
    const plugin = new DockerPlugin();
    before(() => plugin.start());
    after(() => plugin.stop());
    afterEach(() => sweep(plugin.daemon));
    tests(plugin);
  });
}
