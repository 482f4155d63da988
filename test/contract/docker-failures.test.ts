import assert from "node:assert/strict";
import { IMAGE, leftovers, PREFIX } from "./docker-daemon";
import { describeDockerPlugin } from "./docker-plugin";
import { PluginProcess } from "./plugin-process";
import { CONTAINER, NETWORK, urnOf, VOLUME } from "./resource-types";

describeDockerPlugin((plugin) => {
  it("leaves no container behind when it cannot be started", async () => {
    const urn = urnOf(CONTAINER);
    const properties = await plugin.check(CONTAINER, {
      name: `${PREFIX}-failing`,
      image: IMAGE,
      networksAdvanced: [{ name: "no-such-network" }],
    });
    await assert.rejects(
      plugin.call("Create", { urn, properties }),
      new RegExp(
        `creating ${urn}: 1 error occurred:\\n\\t\\* Error response from daemon: network no-such-network not found`,
      ),
    );
    assert.deepEqual(await leftovers(plugin.daemon), []);
  });

  it("names an image that does not exist", async () => {
    const properties = await plugin.check(CONTAINER, {
      name: `${PREFIX}-no-image`,
      image: "127.0.0.1:1/no/such-image:1",
    });
    await assert.rejects(
      plugin.call("Create", { urn: urnOf(CONTAINER), properties }),
      /Unable to create container with image 127.0.0.1:1\/no\/such-image:1/,
    );
    assert.deepEqual(await leftovers(plugin.daemon), []);
  });

  it("refuses a second network of the same name", async () => {
    const first = await plugin.create(NETWORK, { name: `${PREFIX}-twice`, internal: true });
    assert.equal(first.state.internal, true);
    await assert.rejects(plugin.create(NETWORK, { name: `${PREFIX}-twice` }), /already exists/);
    await plugin.remove(NETWORK, first.id, first.state);
  });
});

describe("the docker plugin without a daemon", () => {
  it("reports where it looked for one", async () => {
    const plugin = await PluginProcess.start("docker");
    try {
      const host = "unix:///no/such/docker.sock";
      await plugin.call("Configure", { args: { version: "5.0.0", host } });
      await assert.rejects(
        plugin.call("Create", {
          urn: urnOf(VOLUME),
          properties: { __defaults: [], name: `${PREFIX}-nowhere` },
        }),
        /Cannot connect to the Docker daemon at \/no\/such\/docker.sock/,
      );
    } finally {
      await plugin.stop();
    }
  });
});
