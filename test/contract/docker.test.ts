import assert from "node:assert/strict";
import type Docker from "dockerode";
import type { Properties, Value } from "../../emulators/plugins/lib/values";
import { connect, IMAGE, importImage, PREFIX, sweep } from "./docker-daemon";
import { PluginProcess, type Response } from "./plugin-process";
import { type Recording, recorded } from "./recordings";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const VOLUME = "docker:index/volume:Volume";
/** From the range for benchmarks, from which no daemon assigns addresses by itself. */
const SUBNET = "198.18.77";

describe("the docker plugin with a real daemon", function () {
  this.timeout("5m");
  let daemon: Docker;
  let plugin: PluginProcess;

  before(async () => {
    const found = await connect();
    assert(found, "there is no Docker engine to test against: run ./scripts/setup/docker-engine");
    daemon = found;
    await sweep(daemon);
    await importImage(daemon);
    plugin = await PluginProcess.start("docker");
    await plugin.call("Configure", { args: { version: "5.0.0" } });
  });

  after(async () => {
    await plugin?.stop();
    if (!daemon) return;
    await daemon.getImage(IMAGE).remove({ force: true });
  });

  afterEach(() => sweep(daemon));

  async function check(type: string, news: Properties): Promise<Properties> {
    const { inputs, failures } = await plugin.call("Check", { urn: urnOf(type), news });
    assert.equal(failures, undefined, JSON.stringify(failures));
    return inputs ?? {};
  }

  async function create(type: string, news: Properties) {
    const inputs = await check(type, news);
    const { id = "", properties = {} } = await plugin.call("Create", {
      urn: urnOf(type),
      properties: inputs,
    });
    return { id, inputs, state: properties };
  }

  const remove = (type: string, id: string, state: Properties) =>
    plugin.call("Delete", { urn: urnOf(type), id, properties: state });

  /** Containers of the recordings, with their networks and volumes. */
  for (const session of ["a", "b"]) {
    it(`creates, reads and deletes as recorded in session ${session}`, async () => {
      const volume = recordingOf(session, "Create", VOLUME, () => true);
      const network = recordingOf(session, "Create", NETWORK, () => true);
      const container = recordingOf(session, "Create", CONTAINER, ({ request }) =>
        volumeNamesOf(request.properties).includes(nameOf(volume)),
      );

      const madeVolume = await replay(volume);
      const madeNetwork = await replay(network);
      const madeContainer = await replay(container);

      await reread(session, NETWORK, madeNetwork);
      await reread(session, VOLUME, madeVolume);
      await reread(session, CONTAINER, madeContainer);

      await remove(CONTAINER, madeContainer.id ?? "", madeContainer.properties ?? {});
      await remove(NETWORK, madeNetwork.id ?? "", madeNetwork.properties ?? {});
      await remove(VOLUME, madeVolume.id ?? "", madeVolume.properties ?? {});
      assert.deepEqual(await leftovers(daemon), []);
    });
  }

  async function replay({ type, request, response }: Recording): Promise<Response> {
    const properties = localised(request.properties ?? {});
    const made = await plugin.call("Create", { urn: urnOf(type), properties });
    assert.deepEqual(
      comparable(made.properties ?? {}),
      comparable(localised(response?.properties ?? {})),
    );
    assert.equal(made.properties?.id, made.id);
    return { ...made, inputs: properties };
  }

  /** Refreshes, and compares with the first recorded refresh of a resource of this name. */
  async function reread(session: string, type: string, made: Response): Promise<void> {
    const { id = "", properties = {}, inputs = {} } = made;
    const { response } = recordingOf(
      session,
      "Read",
      type,
      (call) => call.response?.id !== undefined && localNameOf(call) === properties.name,
    );
    const found = await plugin.call("Read", { urn: urnOf(type), id, properties, inputs });
    assert.equal(found.id, id);
    // Session a changed the environment between the two recordings.
    const sameEnvironment = (read: Properties) => ({ ...read, envs: [] });
    assert.deepEqual(
      sameEnvironment(comparable(found.properties ?? {})),
      sameEnvironment(comparable(localised(response?.properties ?? {}))),
    );
    assert.deepEqual(
      sameEnvironment(found.inputs ?? {}),
      sameEnvironment(localised(response?.inputs ?? {})),
    );
  }

  it("drops at a refresh what was deleted behind its back, and deletes it once more", async () => {
    const volume = await create(VOLUME, { name: `${PREFIX}-gone` });
    const network = await create(NETWORK, { name: `${PREFIX}-gone` });
    const container = await create(CONTAINER, { name: `${PREFIX}-gone`, image: IMAGE });
    await daemon.getContainer(container.id).remove({ force: true });
    await daemon.getNetwork(network.id).remove();
    await daemon.getVolume(volume.id).remove();
    const gone = { [VOLUME]: volume, [NETWORK]: network, [CONTAINER]: container };
    for (const [type, { id, state, inputs }] of Object.entries(gone)) {
      const urn = urnOf(type);
      assert.deepEqual(await plugin.call("Read", { urn, id, properties: state, inputs }), {});
      await remove(type, id, state);
    }
  });

  it("starts again a container that was stopped", async () => {
    const made = await create(CONTAINER, { name: `${PREFIX}-stopped`, image: IMAGE });
    const urn = urnOf(CONTAINER);
    await daemon.getContainer(made.id).kill();
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
    assert.equal((await daemon.getContainer(id).inspect()).State.Running, true);
    await remove(CONTAINER, id, made.state);
  });

  it("changes limits in place", async () => {
    const asked = { name: `${PREFIX}-limits`, image: IMAGE, memory: 64, memorySwap: 64 };
    const made = await create(CONTAINER, asked);
    const news = await check(CONTAINER, {
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
    const { HostConfig } = await daemon.getContainer(made.id).inspect();
    assert.equal(HostConfig.Memory, 96 * 1024 * 1024);
    assert.equal(HostConfig.CpuShares, 512);
    assert.equal(HostConfig.RestartPolicy?.Name, "on-failure");
    const found = await plugin.call("Read", { ...request, properties, inputs: news });
    assert.equal(found.properties?.memory, 96);
    const settled = await plugin.call("Diff", { ...request, olds: found.properties });
    assert.equal(settled.changes, "DIFF_NONE");
    await remove(CONTAINER, made.id, made.state);
  });

  it("gives a container its settings", async () => {
    const volume = await create(VOLUME, {
      name: `${PREFIX}-full`,
      labels: [{ label: "a", value: "b" }],
    });
    const network = await create(NETWORK, {
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
    const made = await create(CONTAINER, asked);
    const { Config, HostConfig, NetworkSettings, Mounts } = await daemon
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
    await remove(CONTAINER, made.id, made.state);
    await remove(NETWORK, network.id, network.state);
    await remove(VOLUME, volume.id, volume.state);
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
      const { id, inputs, state } = await create(CONTAINER, asked as Properties);
      const urn = urnOf(CONTAINER);
      const found = await plugin.call("Read", { urn, id, properties: state, inputs });
      for (const { cpus } of [state, found.properties ?? {}, found.inputs ?? {}])
        assert.equal(cpus, read);
      const { replaces } = await plugin.call("Diff", {
        ...{ urn, id, olds: found.properties, oldInputs: found.inputs, news: inputs },
      });
      assert.deepEqual(replaces, given === read ? undefined : ["cpus"]);
      await remove(CONTAINER, id, state);
    });
  }

  async function output(id: string, command: string[]): Promise<string> {
    const exec = await daemon
      .getContainer(id)
      .exec({ Cmd: command, AttachStdout: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text;
  }

  it("leaves no container behind when it cannot be started", async () => {
    const urn = urnOf(CONTAINER);
    const properties = await check(CONTAINER, {
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
    assert.deepEqual(await leftovers(daemon), []);
  });

  it("names an image that does not exist", async () => {
    const properties = await check(CONTAINER, {
      name: `${PREFIX}-no-image`,
      image: "127.0.0.1:1/no/such-image:1",
    });
    await assert.rejects(
      plugin.call("Create", { urn: urnOf(CONTAINER), properties }),
      /Unable to create container with image 127.0.0.1:1\/no\/such-image:1/,
    );
    assert.deepEqual(await leftovers(daemon), []);
  });

  it("refuses a second network of the same name", async () => {
    const first = await create(NETWORK, { name: `${PREFIX}-twice`, internal: true });
    assert.equal(first.state.internal, true);
    await assert.rejects(create(NETWORK, { name: `${PREFIX}-twice` }), /already exists/);
    await remove(NETWORK, first.id, first.state);
  });

  it("waits for a volume and a network until a container has left them", async () => {
    const volume = await create(VOLUME, { name: `${PREFIX}-busy` });
    const network = await create(NETWORK, { name: `${PREFIX}-busy` });
    const container = await create(CONTAINER, {
      name: `${PREFIX}-busy`,
      image: IMAGE,
      networksAdvanced: [{ name: `${PREFIX}-busy` }],
      volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    });
    const removals = [
      remove(VOLUME, volume.id, volume.state),
      remove(NETWORK, network.id, network.state),
    ];
    await new Promise((resolve) => setTimeout(resolve, 500));
    await remove(CONTAINER, container.id, container.state);
    await Promise.all(removals);
    assert.deepEqual(await leftovers(daemon), []);
  });

  it("creates nothing in a preview and marks values as unknown", async () => {
    const properties = await check(CONTAINER, {
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
    assert.deepEqual(await leftovers(daemon), []);
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

function urnOf(type: string): string {
  return `urn:pulumi:dev::contract::${type}::tested`;
}

function recordingOf(
  session: string,
  method: "Create" | "Read",
  type: string,
  suits: (call: Recording) => boolean,
): Recording {
  const found = recorded(method, type).find((call) => call.session === session && suits(call));
  assert(found, `no ${method} of ${type} in session ${session}`);
  return found;
}

const nameOf = ({ request }: Recording) => request.properties?.name;
const localNameOf = (call: Recording) => localised(call.request.properties ?? {}).name;

function volumeNamesOf(properties: Properties = {}): (Value | undefined)[] {
  return ((properties.volumes ?? []) as Properties[]).map(({ volumeName }) => volumeName);
}

/** The recorded properties with this test's own names, image and addresses. */
function localised(properties: Properties): Properties {
  const text = JSON.stringify(properties)
    .replace(/\b(poc|stk)-/g, `${PREFIX}-$1-`)
    .replaceAll("host:latest", IMAGE)
    .replace(/sha256:[0-9a-f]{64}/g, IMAGE)
    .replaceAll("172.30.0", SUBNET);
  return JSON.parse(text);
}

/** Without values that the daemon chooses each time, but still showing whether they exist. */
function comparable(properties: Properties): Properties {
  const text = JSON.stringify(properties)
    .replace(/[0-9a-f]{64}/g, "<id>")
    .replace(/"external":[1-9]\d*/g, '"external":"<port>"')
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, "<mac>")
    .replace(/\b(172|192)\.\d+\.\d+\.\d+(\/\d+)?/g, "<address>")
    .replace(/("ipPrefixLength":)(16|20)\b/g, '$1"<daemon\'s>"')
    .replace(/("mountpoint":")[^"]*(\/volumes\/)/g, "$1<root>$2");
  return JSON.parse(text);
}

async function leftovers(daemon: Docker): Promise<string[]> {
  const filters = { name: [PREFIX] };
  const containers = await daemon.listContainers({ all: true, filters });
  const networks = await daemon.listNetworks({ filters });
  const { Volumes } = await daemon.listVolumes({ filters });
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...(Volumes ?? []).map(({ Name }) => Name),
  ];
}
