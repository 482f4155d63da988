import assert from "node:assert/strict";
import { PluginProcess } from "./plugin-process";

for (const name of ["command", "docker"]) {
  describe(`the ${name} plugin as a process`, function () {
    this.timeout("5m");

    it("starts, and goes when the engine has gone", async () => {
      const plugin = await PluginProcess.start(name);
      try {
        await plugin.call("CheckConfig", { news: {} });
        plugin.loseEngine();
        await plugin.exited();
        assert.equal(plugin.process.exitCode, 0);
      } finally {
        await plugin.stop();
      }
    });

    it("names a type that it does not have", async () => {
      const plugin = await PluginProcess.start(name);
      try {
        const urn = `urn:pulumi:dev::contract::${name}:index:Nothing::tested`;
        await assert.rejects(
          plugin.call("Check", { urn, news: {} }),
          new RegExp(`the ${name} stand-in has no resource type ${name}:index:Nothing`),
        );
      } finally {
        await plugin.stop();
      }
    });
  });
}
