import assert from "node:assert/strict";
import type { Properties } from "../../emulators/plugins/lib/values";
import { secret, UNKNOWN, unknownAsOutputs } from "../../emulators/plugins/lib/values";
import { PluginProcess } from "./plugin-process";
import { CONTAINER, LOCAL, NETWORK, REMOTE, urnOf, VOLUME } from "./resource-types";

const container = { name: "c", image: "i" };

/** Inputs that are refused, and the reasons. */
const REFUSED: [what: string, type: string, news: Properties, reasons: string[]][] = [
  [
    "an unknown input",
    LOCAL,
    { creat: "x" },
    ["creat: Unrecognized field 'creat' on 'local.CommandInputs'"],
  ],
  [
    "a missing connection",
    REMOTE,
    { create: "x" },
    ["connection: Missing required field 'connection' on 'remote.CommandInputs'"],
  ],
  [
    "a connection to nowhere",
    REMOTE,
    { connection: secret({ user: "root" }) },
    [
      "connection: An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n" +
        "\thost: Missing required field 'host' on 'remote.Connection'",
    ],
  ],
  [
    "a proxy with an unknown input",
    REMOTE,
    { connection: { host: "h", proxy: { host: "p", hots: "p" } } },
    [
      "connection: An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n" +
        "\tproxy: An error occurred decoding 'Connection.proxy': 1 failures decoding:\n" +
        "\thots: Unrecognized field 'hots' on 'remote.ProxyConnection'",
    ],
  ],
  [
    "a wrong type",
    LOCAL,
    { create: 7 },
    ["create: Field 'create' on 'local.CommandInputs' must be a 'string'; got 'float64' instead"],
  ],
  [
    "an unknown input",
    NETWORK,
    { name: "n", drvier: "bridge" },
    [": Invalid or unknown key. Examine values at 'tested.drvier'."],
  ],
  [
    "an output for an input",
    VOLUME,
    { name: "v", mountpoint: "/m" },
    [": Invalid or unknown key. Examine values at 'tested.mountpoint'."],
  ],
  [
    "an unknown input deep inside",
    CONTAINER,
    { ...container, ports: [{ internal: 1 }, { internal: 2, extrenal: 3 }] },
    [": Invalid or unknown key. Examine values at 'tested.ports[1].extrenal'."],
  ],
  [
    "a missing image",
    CONTAINER,
    { name: "c" },
    [
      ': Missing required argument. The argument "image" is required, but no definition was found.. ' +
        "Examine values at 'tested.image'.",
    ],
  ],
  [
    "a wrong type",
    CONTAINER,
    { ...container, memory: "much" },
    [`: expected number type, got "much" of type string. Examine values at 'tested.memory'.`],
  ],
  [
    "what the stand-in does not act on",
    CONTAINER,
    { ...container, gpus: "all" },
    [": the docker stand-in does not know gpus"],
  ],
];

describe("Check", () => {
  const plugins: Record<string, PluginProcess> = {};
  before(async () => {
    for (const name of ["command", "docker"]) plugins[name] = await PluginProcess.start(name);
  });
  after(async () => {
    for (const plugin of Object.values(plugins)) await plugin.stop();
  });

  async function check(type: string, news: Properties, olds: Properties = {}) {
    const plugin = plugins[type.replace(/:.*/, "")];
    assert(plugin);
    return plugin.call("Check", { urn: urnOf(type), news, olds });
  }

  for (const [what, type, news, reasons] of REFUSED) {
    it(`refuses ${what}: ${type}`, async () => {
      const { failures = [] } = await check(type, news);
      const given = failures.map(({ property = "", reason }) => `${property}: ${reason}`);
      assert.deepEqual(given, reasons);
    });
  }

  it("accepts values that a preview cannot know yet", async () => {
    const known = await check(REMOTE, { connection: UNKNOWN, create: UNKNOWN });
    assert.equal(known.failures, undefined);
    assert.deepEqual(known.inputs, {
      connection: unknownAsOutputs(secret(UNKNOWN)),
      create: UNKNOWN,
    });
    const { inputs, failures } = await check(CONTAINER, {
      ...container,
      image: UNKNOWN,
      networksAdvanced: [{ name: UNKNOWN }],
      memory: UNKNOWN,
    });
    assert.equal(failures, undefined);
    assert.equal(inputs?.image, UNKNOWN);
    assert.equal(inputs?.memory, UNKNOWN);
  });

  it("gives a connection its defaults, and its proxy too", async () => {
    const { inputs } = await check(REMOTE, { connection: { host: "h", proxy: { host: "p" } } });
    const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    const proxy = { ...defaults, host: "p" };
    assert.deepEqual(inputs, { connection: secret({ ...defaults, host: "h", proxy }) });
  });

  it("generates a name once, and keeps it", async () => {
    const first = await check(VOLUME, {});
    assert.match(String(first.inputs?.name), /^tested-[0-9a-f]{7}$/);
    assert.deepEqual(first.inputs?.__defaults, ["name"]);
    const second = await check(VOLUME, {}, first.inputs);
    assert.deepEqual(second.inputs, first.inputs);
  });
});
