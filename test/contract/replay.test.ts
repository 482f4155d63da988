import assert from "node:assert/strict";
import type { Properties } from "../../emulators/plugins/lib/values";
import { type Method, PluginProcess, type Response } from "./plugin-process";
import { recorded } from "./recordings";

/** Calls whose answers depend only on the request. */
const PURE: Method[] = ["CheckConfig", "DiffConfig", "Configure", "Check", "Diff"];
/** The same, in a preview. */
const IN_PREVIEW: Method[] = ["Create", "Update"];

for (const name of ["command", "docker", "digitalocean"]) {
  describe(`the ${name} plugin answers as the official one was recorded to`, () => {
    let plugin: PluginProcess;
    const endpoint = process.env.DIGITALOCEAN_API_URL;
    before(async () => {
      // A port without a server: replayed calls make no connection.
      process.env.DIGITALOCEAN_API_URL = "http://127.0.0.1:9";
      plugin = await PluginProcess.start(name);
    });
    after(() => {
      if (endpoint === undefined) delete process.env.DIGITALOCEAN_API_URL;
      else process.env.DIGITALOCEAN_API_URL = endpoint;
      return plugin.stop();
    });

    for (const method of [...PURE, ...IN_PREVIEW]) {
      const calls = recorded(method, name, IN_PREVIEW.includes(method));
      calls.forEach(({ type, request, response, errors }, index) => {
        // The stand-in knows only the part of the docker provider's configuration that local hosts need.
        if (method === "Configure" && request.args && "sshOpts" in request.args) return;
        it(`${method} ${type} ${index}`, async () => {
          if (errors) {
            await assert.rejects(plugin.call(method, request), (error: { code: number }) => {
              assert.match(errors[0] ?? "", /code = Unimplemented/);
              return error.code === 12;
            });
            return;
          }
          assert.deepEqual(
            comparable(await plugin.call(method, request)),
            comparable(response ?? {}),
          );
        });
      });
    }
  });
}

/**
 * What the digitalocean plugin has or fills in since 4.80.1, according to test/emulators/recordings; here 4.76.0 is
 * recorded.
 */
const SINCE_RECORDED = ["description", "gpuPartitionMode", "gracefulShutdown", "ipv6", "isDefault"];

/**
 * Without values that differ each time, and the official plugins' own notes. Names of properties come in any order, the
 * order of a map in the official plugin.
 */
function comparable(response: Response): Response {
  const { id, inputs, properties, diffs, replaces, stables } = response;
  return {
    ...response,
    ...(id && { id: id.replace(/[0-9a-f]{8}$/, "") }),
    ...(inputs && { inputs: old(inputs) }),
    ...(properties && { properties: old(properties) }),
    ...(diffs && { diffs: [...diffs].sort() }),
    ...(replaces && { replaces: [...replaces].sort() }),
    ...(stables && { stables: stables.filter((name) => !SINCE_RECORDED.includes(name)).sort() }),
  };
}

function old(properties: Properties): Properties {
  const { __defaults: filledIn, ...known } = properties;
  const isOld = (name: string) => !name.startsWith("__") && !SINCE_RECORDED.includes(name);
  return {
    ...Object.fromEntries(Object.entries(known).filter(([name]) => isOld(name))),
    ...(Array.isArray(filledIn) && { __defaults: filledIn.filter((name) => isOld(String(name))) }),
  };
}
