import assert from "node:assert/strict";
import { connectionTo, describeCommandPlugin, until } from "./command-plugin";
import { REMOTE } from "./resource-types";
import { newKey } from "./ssh-server";

describeCommandPlugin((plugin) => {
  describe("remote.Command", () => {
    // A cloud's machine may have another key for a moment, until its user data has installed its own.
    it("refuses a server whose key is not the pinned one, after as many dials as allowed", async () => {
      const server = await plugin.serve({ hostKey: newKey() });
      const connection = connectionTo(server, { dialErrorLimit: 2 });
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "true" }),
        /after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      );
      assert.equal(server.logins, 0);
    });

    it("refuses a pinned key that is invalid", async () => {
      const connection = connectionTo({ port: 1 }, { hostKey: "no key" });
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "true" }),
        /failed to parse host key/,
      );
    });

    it("gives up on a server that does not let it in, after as many dials as allowed", async () => {
      const server = await plugin.serve({ authorized: [newKey().public] });
      const connection = connectionTo(server, { dialErrorLimit: 2 });
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "true" }),
        /after 2 failed attempts: ssh: All configured authentication methods failed/,
      );
      assert.deepEqual(plugin.logged(), ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    });

    it("logs in by password", async () => {
      const server = await plugin.serve({ authorized: [], password: "open sesame" });
      const { privateKey, ...connection } = connectionTo(server, { password: "open sesame" });
      const { state } = await plugin.create(REMOTE, { connection, create: "echo in" });
      assert.equal(state.stdout, "in");
    });

    it("dials until the server exists", async () => {
      const gone = await plugin.serve();
      await gone.stop();
      const connection = connectionTo(gone, { dialErrorLimit: -1 });
      const running = plugin.create(REMOTE, { connection, create: "echo at last" });
      await until(() => plugin.logged().includes("Dial 2/inf failed: retrying"));
      await plugin.serve({ port: gone.port });
      assert.equal((await running).state.stdout, "at last");
    });

    it("goes through a proxy", async () => {
      const target = await plugin.serve();
      const proxyKey = newKey();
      const proxy = await plugin.serve({ hostKey: proxyKey });
      const { state } = await plugin.create(REMOTE, {
        connection: connectionTo(target, {
          proxy: connectionTo(proxy, { hostKey: proxyKey.public }),
        }),
        create: "echo through",
      });
      assert.equal(state.stdout, "through");
      assert.deepEqual(proxy.forwardedTo, [`127.0.0.1:${target.port}`]);
    });

    it("pins the proxy's key too", async () => {
      const target = await plugin.serve();
      const proxy = await plugin.serve({ hostKey: newKey() });
      const connection = connectionTo(target, {
        proxy: connectionTo(proxy, { dialErrorLimit: 1 }),
      });
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "true" }),
        /proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      );
    });

    it("fails when the connection is lost while the command runs", async () => {
      const server = await plugin.serve();
      const running = plugin.create(REMOTE, {
        connection: connectionTo(server),
        create: "echo started; sleep 20",
      });
      running.catch(() => {});
      await until(() => plugin.logged().includes("started"));
      server.cut();
      await assert.rejects(running, /running "echo started; sleep 20":\nstarted/);
    });

    it("closes its connections", async () => {
      const server = await plugin.serve();
      await plugin.create(REMOTE, { connection: connectionTo(server), create: "true" });
      await until(() => server.connections.size === 0);
    });
  });
});
