import assert from "node:assert/strict";
import { type Method, PluginProcess, type Response } from "./plugin-process";
import { recorded } from "./recordings";

/** Calls whose answers depend on nothing but their request. */
const PURE: Method[] = ["CheckConfig", "DiffConfig", "Configure", "Check", "Diff"];

for (const name of ["command", "docker"]) {
  describe(`the ${name} plugin answers as the official one was recorded to`, () => {
    let plugin: PluginProcess;
    before(async () => {
      plugin = await PluginProcess.start(name);
    });
    after(() => plugin.stop());

    for (const method of PURE) {
      recorded(method, name).forEach(({ type, request, response, errors }, index) => {
        // The stand-in knows of the docker provider's configuration only what local hosts need.
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
            unordered(await plugin.call(method, request)),
            unordered(response ?? {}),
          );
        });
      });
    }
  });
}

/** Names of properties come in any order, the order of a map in the official plugin. */
function unordered(response: Response): Response {
  const { diffs, replaces, stables } = response;
  return {
    ...response,
    ...(diffs && { diffs: [...diffs].sort() }),
    ...(replaces && { replaces: [...replaces].sort() }),
    ...(stables && { stables: [...stables].sort() }),
  };
}
