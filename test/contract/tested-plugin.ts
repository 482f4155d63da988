import assert from "node:assert/strict";
import type { Properties } from "../../emulators/plugins/lib/values";
import type { LogLine, Method, PluginProcess, Request, Response } from "./plugin-process";
import { urnOf } from "./resource-types";

/** A plugin whose process a hook starts. */
export abstract class TestedPlugin {
  protected process!: PluginProcess;

  get logs(): LogLine[] {
    return this.process.logs;
  }

  call(method: Method, request: Request): Promise<Response> {
    return this.process.call(method, request);
  }

  async check(type: string, news: Properties): Promise<Properties> {
    const { inputs = {}, failures } = await this.call("Check", { urn: urnOf(type), news });
    assert.equal(failures, undefined, JSON.stringify(failures));
    return inputs;
  }

  async create(type: string, news: Properties) {
    const inputs = await this.check(type, news);
    const urn = urnOf(type);
    const { id = "", properties = {} } = await this.call("Create", { urn, properties: inputs });
    return { urn, id, inputs, state: properties };
  }
}
