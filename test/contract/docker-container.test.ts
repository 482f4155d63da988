import assert from "node:assert/strict";
import type { Properties } from "../../emulators/plugins/lib/values";
import { IMAGE, PREFIX } from "./docker-daemon";
import { describeDockerPlugin } from "./docker-plugin";
import { CONTAINER, NETWORK, urnOf, VOLUME } from "./resource-types";

describeDockerPlugin((plugin) => {
  it("changes limits in place", async () => {
    const asked = { name: `${PREFIX}-limits`, image: IMAGE, memory: 64, memorySwap: 64 };
    const made = await plugin.create(CONTAINER, asked);
    const news = await plugin.check(CONTAINER, {
      ...asked,
      memory: 96,
      memorySwap: 96,
      cpuShares: 512,
      restart: "on-failure",
    });
    const request = {
      urn: urnOf(CONTAINER),
      id: made.id,
      olds: made.state,
      oldInputs: made.inputs,
      news,
    };
    const diff = await plugin.call("Diff", request);
    assert.deepEqual(diff.diffs, ["cpuShares", "memory", "memorySwap", "restart"]);
    assert.equal(diff.replaces, undefined);
    const { properties = {} } = await plugin.call("Update", request);
    const { HostConfig } = await plugin.daemon.getContainer(made.id).inspect();
    assert.equal(HostConfig.Memory, 96 * 1024 * 1024);
    assert.equal(HostConfig.CpuShares, 512);
    assert.equal(HostConfig.RestartPolicy?.Name, "on-failure");
    const found = await plugin.call("Read", { ...request, properties, inputs: news });
    assert.equal(found.properties?.memory, 96);
    const settled = await plugin.call("Diff", { ...request, olds: found.properties });
    assert.equal(settled.changes, "DIFF_NONE");
    await plugin.remove(CONTAINER, made.id, made.state);
  });

  it("gives a container its settings", async () => {
    const volume = await plugin.create(VOLUME, {
      name: `${PREFIX}-full`,
      labels: [{ label: "a", value: "b" }],
    });
    const network = await plugin.create(NETWORK, {
      name: `${PREFIX}-full`,
      options: { "com.docker.network.driver.mtu": "1400" },
      labels: [{ label: "a", value: "b" }],
    });
    const asked: Properties = {
      name: `${PREFIX}-full`,
      image: IMAGE,
      hostname: "full",
      envs: ["B=2", "A=1"],
      cpus: "0.5",
      cpuSet: "0",
      init: true,
      stopTimeout: 7,
      cgroupnsMode: "host",
      cgroupParent: "/docker",
      tmpfs: { "/run": "size=1m" },
      user: "0",
      workingDir: "/etc",
      entrypoints: ["/bin/sh", "-c"],
      command: ["sleep 300"],
      labels: [{ label: "c", value: "d" }],
      mustRun: true,
      ports: [
        { internal: 8080, ip: "127.0.0.1" },
        { internal: 53, ip: "127.0.0.1", protocol: "udp" },
      ],
      networksAdvanced: [{ name: network.state.name ?? "", aliases: ["other"] }],
      volumes: [
        { volumeName: volume.id, containerPath: "/data" },
        { hostPath: "/usr", containerPath: "/host-usr", readOnly: true },
      ],
      uploads: [{ file: "/etc/greeting", content: "hello", permissions: "0600" }],
    };
    const made = await plugin.create(CONTAINER, asked);
    const { Config, HostConfig, NetworkSettings, Mounts } = await plugin.daemon
      .getContainer(made.id)
      .inspect();
    assert.equal(Config.Hostname, "full");
    assert(Config.Env.includes("A=1") && Config.Env.includes("B=2"));
    assert.equal(Config.Labels.c, "d");
    assert.equal(HostConfig.NanoCpus, 5e8);
    assert.equal(HostConfig.CpusetCpus, "0");
    assert.equal(HostConfig.Init, true);
    assert.equal(HostConfig.CgroupParent, "/docker");
    assert.deepEqual(HostConfig.Tmpfs, { "/run": "size=1m" });
    assert.deepEqual(Object.keys(NetworkSettings.Networks), [`${PREFIX}-full`]);
    assert(NetworkSettings.Networks[`${PREFIX}-full`]?.Aliases?.includes("other"));
    assert.deepEqual(Mounts.map(({ Destination, RW }) => `${Destination} ${RW}`).sort(), [
      "/data true",
      "/host-usr false",
    ]);
    assert.equal(await output(made.id, ["cat", "/etc/greeting"]), "hello");
    assert.match(JSON.stringify(made.state.cpus), /"0.5"/);

    const request = { urn: urnOf(CONTAINER), id: made.id, oldInputs: made.inputs };
    const found = await plugin.call("Read", {
      ...request,
      properties: made.state,
      inputs: made.inputs,
    });
    assert.deepEqual(found.inputs, made.inputs);
    for (const olds of [made.state, found.properties]) {
      const diff = await plugin.call("Diff", { ...request, olds, news: made.inputs });
      assert.equal(diff.changes, "DIFF_NONE", JSON.stringify(diff.detailedDiff));
    }
    await plugin.remove(CONTAINER, made.id, made.state);
    await plugin.remove(NETWORK, network.id, network.state);
    await plugin.remove(VOLUME, volume.id, volume.state);
  });

  for (const [given, read] of [
    ["1", "1.0"],
    ["1.0", "1.0"],
    ["2", "2.0"],
    ["0.5", "0.5"],
    ["0.25", "0.25"],
    ["1.50", "1.5"],
  ]) {
    it(`reads ${given} CPUs back as ${read}, as the official plugin does`, async () => {
      const asked = { name: `${PREFIX}-cpus`, image: IMAGE, cpus: given };
      const { id, inputs, state } = await plugin.create(CONTAINER, asked as Properties);
      const urn = urnOf(CONTAINER);
      const found = await plugin.call("Read", { urn, id, properties: state, inputs });
      for (const { cpus } of [state, found.properties ?? {}, found.inputs ?? {}])
        assert.equal(cpus, read);
      const { replaces } = await plugin.call("Diff", {
        ...{ urn, id, olds: found.properties, oldInputs: found.inputs, news: inputs },
      });
      assert.deepEqual(replaces, given === read ? undefined : ["cpus"]);
      await plugin.remove(CONTAINER, id, state);
    });
  }

  async function output(id: string, command: string[]): Promise<string> {
    const exec = await plugin.daemon
      .getContainer(id)
      .exec({ Cmd: command, AttachStdout: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text;
  }
});
