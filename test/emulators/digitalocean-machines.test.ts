import assert from "node:assert/strict";
import fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import type { Cloud, Firewall, MachineSpec, Machines } from "../../emulators/clouds/contract";
import { start } from "../../emulators/clouds/digitalocean";
import { DROPLET } from "./digitalocean-api";

/** Records the cloud's requests to its machines. */
class RecordedMachines implements Machines {
  readonly specs = new Map<string, MachineSpec>();
  readonly firewalls = new Map<string, Firewall>();
  private count = 0;

  async createNetwork(): Promise<void> {}
  async removeNetwork(): Promise<void> {}
  async create(spec: MachineSpec) {
    this.specs.set(spec.id, spec);
    this.firewalls.set(spec.id, spec.firewall);
    this.count++;
    return { publicAddress: `198.18.0.${this.count}`, privateAddress: `10.0.0.${this.count}` };
  }
  async destroy(id: string): Promise<void> {
    this.specs.delete(id);
  }
  async powerOff(): Promise<void> {}
  async powerOn(): Promise<void> {}
  async setFirewall(id: string, firewall: Firewall): Promise<void> {
    this.firewalls.set(id, firewall);
  }
  async setReservedAddress(): Promise<void> {}
  reserveAddress(): string {
    return "198.18.0.200";
  }
  releaseAddress(): void {}
  byAddress(address: string): string | undefined {
    const number = address.split(".").at(-1);
    return [...this.specs.keys()][Number(number) - 1];
  }
}

describe("The emulated DigitalOcean turns droplets into", () => {
  let machines: RecordedMachines;
  let cloud: Cloud;
  let server: FastifyInstance;
  let token: string | undefined;

  beforeEach(async () => {
    machines = new RecordedMachines();
    cloud = await start({
      machines,
      machineImages: new Set(["docker", "snapshot"]),
      faults: { match: () => undefined, limit: () => undefined },
      provisionSeconds: 0,
      onControl: () => {},
    });
    token = cloud.environment("").DIGITALOCEAN_TOKEN;
    server = fastify();
    cloud.routes(server);
  });
  afterEach(async () => {
    await cloud.close();
    await server.close();
  });

  async function send(method: InjectOptions["method"], path: string, body?: object) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await server.inject({ method, url: `/v2${path}`, body, headers });
    assert(answer.statusCode < 300, answer.body);
    return answer.body ? answer.json() : undefined;
  }

  async function droplet(spec: object = {}): Promise<string> {
    const { id } = (await send("POST", "/droplets", { ...DROPLET, ...spec })).droplet;
    for (;;) {
      if ((await send("GET", `/droplets/${id}`)).droplet.status === "active") return `${id}`;
      await new Promise(setImmediate);
    }
  }

  const rule = (ports: string, peers: object, protocol = "tcp") => ({ protocol, ports, ...peers });

  it("machines of the wanted size, image and user data", async () => {
    const id = await droplet({ image: 100000001, user_data: "#!/bin/sh", size: "c-4" });
    const spec = machines.specs.get(id);
    assert(spec);
    const { name, cpus, memoryMb, image, userData, metadataForContainers, firewall } = spec;
    assert.deepEqual(
      { name, cpus, memoryMb, image, userData, metadataForContainers, firewall },
      {
        name: "host",
        cpus: 4,
        memoryMb: 8192,
        image: "snapshot",
        userData: "#!/bin/sh",
        metadataForContainers: true,
        firewall: {},
      },
    );
  });

  it("machines that obey all their firewalls, those by tag from the beginning", async () => {
    await send("POST", "/tags", { name: "all" });
    await send("POST", "/firewalls", {
      name: "by-tag",
      tags: ["all"],
      inbound_rules: [
        rule("22", { sources: { addresses: ["192.0.2.0/24", "192.0.2.1", "::/0"] } }),
        rule("0", { sources: { tags: ["all"] } }),
      ],
    });
    const id = await droplet({ tags: ["all"] });
    const ssh = { protocol: "tcp", ports: [22, 22], addresses: ["192.0.2.0/24", "192.0.2.1/32"] };
    const own = (...numbers: number[]) =>
      numbers.flatMap((number) => [`198.18.0.${number}/32`, `10.0.0.${number}/32`]);
    assert.deepEqual(machines.specs.get(id)?.firewall, {
      inbound: [ssh, { protocol: "tcp", addresses: [] }],
      outbound: [],
    });
    assert.deepEqual(machines.firewalls.get(id), {
      inbound: [ssh, { protocol: "tcp", addresses: own(1) }],
      outbound: [],
    });

    const other = await droplet({ tags: ["all"] });
    const { firewall } = await send("POST", "/firewalls", {
      name: "by-id",
      droplet_ids: [Number(id)],
      inbound_rules: [
        rule("8000-9000", { sources: { droplet_ids: [Number(other)] } }),
        rule("", { sources: { addresses: ["0.0.0.0/0"] } }, "icmp"),
      ],
      outbound_rules: [rule("all", { destinations: { addresses: ["0.0.0.0/0"] } }, "udp")],
    });
    const both = {
      inbound: [
        ssh,
        { protocol: "tcp", addresses: own(1, 2) },
        { protocol: "tcp", ports: [8000, 9000], addresses: own(2) },
        { protocol: "icmp", addresses: ["0.0.0.0/0"] },
      ],
      outbound: [{ protocol: "udp", addresses: ["0.0.0.0/0"] }],
    };
    const shown = await send("GET", `/firewalls/${firewall.id}`);
    assert.deepEqual(
      shown.firewall.inbound_rules.map(({ ports }: { ports: string }) => ports),
      ["8000-9000", "0"],
    );
    assert.deepEqual(machines.firewalls.get(id), both);

    await send("DELETE", "/tags/all");
    assert.deepEqual(machines.firewalls.get(other), {});
    assert.deepEqual(machines.firewalls.get(id)?.inbound, both.inbound.slice(2));
    await send("DELETE", `/firewalls/${firewall.id}`);
    assert.deepEqual(machines.firewalls.get(id), {});
  });

  it("machines with a metadata service", async () => {
    const { ssh_key: key } = await send("POST", "/account/keys", {
      name: "k",
      public_key:
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINgwnPl5R6SiIJAov3oJcXRFKf25RNV+/4AOdOIsk0E4",
    });
    const id = await droplet({ tags: ["a", "b"], user_data: "data", ssh_keys: [key.id] });
    const ask = async (path: string, remoteAddress = "198.18.0.1") => {
      const { statusCode, body } = await server.inject({ url: `/metadata${path}`, remoteAddress });
      return statusCode === 200 ? body : statusCode;
    };
    assert.equal(await ask("/v1/id"), id);
    assert.equal(await ask("/v1/hostname"), "host");
    assert.equal(await ask("/v1/user-data"), "data");
    assert.equal(await ask("/v1/region"), "fra1");
    assert.equal(await ask("/v1/tags/"), "a\nb");
    assert.equal(await ask("/v1/public-keys"), key.public_key);
    assert.equal(await ask("/v1/interfaces/private/0/ipv4/address"), "10.0.0.1");
    assert.equal(
      await ask("/v1/interfaces/public/0/ipv4/address", "::ffff:10.0.0.1"),
      "198.18.0.1",
    );
    assert.match(String(await ask("/v1/")), /^id\nhostname\nuser-data\n.*interfaces\//s);
    assert.equal(JSON.parse(String(await ask("/v1.json"))).id, Number(id));
    assert.equal(await ask("/v1/nothing"), 404);
    assert.equal(await ask("/v1/id", "203.0.113.9"), 404);
  });
});
