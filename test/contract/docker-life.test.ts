import assert from "node:assert/strict";
import type { Properties } from "../../emulators/plugins/lib/values";
import { IMAGE, leftovers, PREFIX } from "./docker-daemon";
import { describeDockerPlugin } from "./docker-plugin";
import { CONTAINER, NETWORK, urnOf, VOLUME } from "./resource-types";

describeDockerPlugin((plugin) => {
  it("creates nothing in a preview and marks values as unknown", async () => {
    const properties = await plugin.check(CONTAINER, {
      name: `${PREFIX}-preview`,
      image: IMAGE,
      ports: [{ internal: 22, ip: "127.0.0.1" }],
    });
    const { properties: state = {} } = await plugin.call("Create", {
      urn: urnOf(CONTAINER),
      properties,
      preview: true,
    });
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    assert.equal(state.networkDatas, unknown);
    assert.equal((state.ports as Properties[])[0]?.external, unknown);
    assert.equal(state.image, IMAGE);
    assert.deepEqual(await leftovers(plugin.daemon), []);
  });

  it("drops at a refresh what was deleted behind its back, and deletes it once more", async () => {
    const volume = await plugin.create(VOLUME, { name: `${PREFIX}-gone` });
    const network = await plugin.create(NETWORK, { name: `${PREFIX}-gone` });
    const container = await plugin.create(CONTAINER, { name: `${PREFIX}-gone`, image: IMAGE });
    await plugin.daemon.getContainer(container.id).remove({ force: true });
    await plugin.daemon.getNetwork(network.id).remove();
    await plugin.daemon.getVolume(volume.id).remove();
    const gone = { [VOLUME]: volume, [NETWORK]: network, [CONTAINER]: container };
    for (const [type, { id, state, inputs }] of Object.entries(gone)) {
      const urn = urnOf(type);
      assert.deepEqual(await plugin.call("Read", { urn, id, properties: state, inputs }), {});
      await plugin.remove(type, id, state);
    }
  });

  it("starts again a container that was stopped", async () => {
    const made = await plugin.create(CONTAINER, { name: `${PREFIX}-stopped`, image: IMAGE });
    const urn = urnOf(CONTAINER);
    await plugin.daemon.getContainer(made.id).kill();
    const { id } = made;
    const found = await plugin.call("Read", {
      urn,
      id,
      properties: made.state,
      inputs: made.inputs,
    });
    assert.equal(found.properties?.mustRun, false);
    assert.equal(found.properties?.exitCode, 137);
    const request = {
      urn,
      id,
      olds: found.properties,
      oldInputs: found.inputs,
      news: made.inputs,
    };
    const diff = await plugin.call("Diff", request);
    assert.deepEqual(diff.diffs, ["mustRun"]);
    assert.equal(diff.replaces, undefined);
    const updated = await plugin.call("Update", request);
    assert.equal(updated.properties?.mustRun, true);
    assert.equal((await plugin.daemon.getContainer(id).inspect()).State.Running, true);
    await plugin.remove(CONTAINER, id, made.state);
  });

  it("waits for a volume and a network until a container has left them", async () => {
    const volume = await plugin.create(VOLUME, { name: `${PREFIX}-busy` });
    const network = await plugin.create(NETWORK, { name: `${PREFIX}-busy` });
    const container = await plugin.create(CONTAINER, {
      name: `${PREFIX}-busy`,
      image: IMAGE,
      networksAdvanced: [{ name: `${PREFIX}-busy` }],
      volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    });
    const removals = [
      plugin.remove(VOLUME, volume.id, volume.state),
      plugin.remove(NETWORK, network.id, network.state),
    ];
    await new Promise((resolve) => setTimeout(resolve, 500));
    await plugin.remove(CONTAINER, container.id, container.state);
    await Promise.all(removals);
    assert.deepEqual(await leftovers(plugin.daemon), []);
  });
});
