import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { executable, PluginProcess } from "./plugin-process";
import { urnOf } from "./resource-types";

for (const name of ["command", "docker"]) {
  describe(`the ${name} plugin as a process`, function () {
    this.timeout("5m");

    it("starts, and ends when the engine has ended", async () => {
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

    it("stays while the engine is only slow, as on a loaded machine", async () => {
      const connections: Socket[] = [];
      const engine = createServer((connection) =>
        connections.push(connection.on("error", () => {})),
      );
      await once(engine.listen(0, "127.0.0.1"), "listening");
      const { port } = engine.address() as AddressInfo;
      const child = spawn(executable(name), [`127.0.0.1:${port}`], { stdio: "ignore" });
      try {
        const exited = once(child, "exit");
        const outcome = await Promise.race([exited, setTimeout(12_000, "stays")]);
        assert.equal(outcome, "stays");
        engine.close();
        for (const connection of connections) connection.destroy();
        assert.deepEqual(await exited, [0, null]);
      } finally {
        child.kill("SIGKILL");
        engine.close();
      }
    });

    it("names a type that it does not have", async () => {
      const plugin = await PluginProcess.start(name);
      try {
        const urn = urnOf(`${name}:index:Nothing`);
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
