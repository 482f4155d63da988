import assert from "node:assert/strict";
import type { Output } from "@pulumi/pulumi";
import { droplets } from "./digitalocean";
import {
  inPreviewAndUpdate,
  parseUserData,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  UNKNOWN,
} from "./mocks";
import { TAG_SUFFIX } from "./providers";

const type = (path: string) => `digitalocean:index/${path}`;
const DROPLET = type("droplet:Droplet");
const COMMAND = "command:local:Command";
const TAG = `lab${TAG_SUFFIX}`;

inPreviewAndUpdate((preview) => {
  const unlessPreview = <T>(value: T) => (preview ? UNKNOWN : value);

  describe("droplets", () => {
    for (const count of [1, 3]) {
      it(`are these, with all their resources, for ${count} worker(s)`, async () => {
        const { registered } = await droplets(preview, { workers: count });
        const hosts = [
          "manager",
          ...Array.from({ length: count }, (_, index) => `worker-${index}`),
        ];
        const expected = [
          ["lab", "spark-swarm:hosts:DigitalOceanHosts"],
          ["lab-client-key", COMMAND],
          ["lab-hosts-firewall", type("firewall:Firewall")],
          ["lab-id", COMMAND],
          ["lab-join-key", COMMAND],
          ["lab-manager-boot", "command:remote:Command"],
          ["lab-manager-firewall", type("firewall:Firewall")],
          ["lab-manager-tag", type("tag:Tag")],
          ["lab-project", type("project:Project")],
          ["lab-project", type("projectResources:ProjectResources")],
          ["lab-ssh-key", type("sshKey:SshKey")],
          ["lab-sweep", COMMAND],
          ["lab-tag", type("tag:Tag")],
          ["lab-vpc", type("vpc:Vpc")],
          ...hosts.flatMap((name) => [
            [`lab-${name}`, DROPLET],
            [`lab-${name}-host-key`, COMMAND],
          ]),
        ];
        assert.deepEqual(registered.map(({ name, type }) => [name, type]).sort(), expected.sort());
        for (const { name, parent, type } of registered) {
          assert.equal(parent, type.startsWith("spark-swarm:") ? "" : "lab", name);
        }
      });
    }

    it("follow the settings: monitored, not backed up, in the VPC, tagged", async () => {
      const { find } = await droplets(preview, {
        region: "fra1",
        manager: { size: "s-4vcpu-8gb" },
      });
      const common = {
        region: "fra1",
        image: "docker-20-04",
        vpcUuid: unlessPreview("id-of-lab-vpc"),
        sshKeys: [unlessPreview("fingerprint of lab-ssh-key")],
        monitoring: true,
        backups: false,
      };
      for (const [name, size, tags] of [
        ["lab-manager", "s-4vcpu-8gb", [TAG, `${TAG}-manager`]],
        ["lab-worker-0", "s-2vcpu-4gb", [TAG]],
        ["lab-worker-1", "s-2vcpu-4gb", [TAG]],
      ] as const) {
        const { userData, ...others } = find(name).inputs;
        assert.deepEqual(others, { ...common, name, size, tags: tags.map(unlessPreview) });
        assert.notEqual(userData, undefined);
      }
      assert.deepEqual(find("lab-vpc").inputs, { name: unlessPreview(TAG), region: "fra1" });
      assert.equal(find("lab-tag").inputs.name, unlessPreview(TAG));
      assert.equal(find("lab-manager-tag").inputs.name, unlessPreview(`${TAG}-manager`));
      assert.deepEqual(find("lab-ssh-key").inputs, {
        name: unlessPreview(TAG),
        publicKey: unlessPreview(publicKeyOf("lab-client-key")),
      });
    });

    it("are made from a snapshot if the settings have its number", async () => {
      const { find } = await droplets(preview, { image: 100000001 });
      for (const name of ["lab-manager", "lab-worker-0"]) {
        assert.equal(find(name).inputs.image, "100000001");
      }
    });

    it("are deleted on destroy by the sweep alone, with resources that Pulumi does not know, last of all", async () => {
      const { find, registered } = await droplets(preview, {
        workers: 1,
        digitalocean: { reservedAddress: true },
      });
      const { dependsOn, inputs } = find("lab-sweep");
      assert.deepEqual(dependsOn, ["lab-id"]);
      assert.equal(inputs.create, "true");
      assert.equal(inputs.update, inputs.create);
      assert.deepEqual(inputs.environment, { TAG: unlessPreview(TAG), KNOWN: "", DRY_RUN: "" });
      const made = registered.filter(({ type }) => type.startsWith("digitalocean:"));
      for (const { name, type, deletedWith } of made) {
        // A sweep could not find an address without a droplet.
        const swept = !/reserved/i.test(type);
        assert.equal(deletedWith, swept ? "lab-sweep" : "", `${name} ${type}`);
      }
      for (const name of ["lab-tag", "lab-manager-tag", "lab-vpc", "lab-ssh-key"]) {
        assert.ok(find(name).dependsOn.includes("lab-sweep"), name);
      }
    });

    it("leave a new region its default VPC, which cannot be deleted", async () => {
      const { find } = await droplets(preview, { region: "ams3" });
      const { inputs, retainOnDelete } = find("lab-default-vpc");
      assert.deepEqual(inputs, { name: "default-ams3", region: "ams3" });
      assert.ok(retainOnDelete);
      assert.deepEqual(find("lab-vpc").dependsOn, ["lab-default-vpc", "lab-id", "lab-sweep"]);
      assert.ok(!find("lab-vpc").retainOnDelete);
      const elsewhere = await droplets(preview);
      assert.ok(!elsewhere.registered.some(({ name }) => name === "lab-default-vpc"));
    });

    it("are created before those that they replace are deleted", async () => {
      const { find } = await droplets(preview);
      // False, not unset: the plugin has its own default.
      assert.strictEqual(find("lab-worker-0").deleteBeforeReplace, false);
      assert.ok(find("lab-worker-0").deleteBeforeReplaceDefined);
    });

    it("are replaced after the resources whose names must be unique", async () => {
      const { find } = await droplets(preview);
      for (const name of ["lab-vpc", "lab-ssh-key", "lab-hosts-firewall", "lab-manager-firewall"]) {
        assert.ok(find(name).deleteBeforeReplace, name);
      }
      assert.ok(find("lab-project", type("project:")).deleteBeforeReplace);
    });

    it("are in their own project", async () => {
      const { find } = await droplets(preview, { workers: 2 });
      const own = find("lab-project", type("project:"));
      assert.equal(own.inputs.name, unlessPreview(TAG));
      // A project with droplets cannot be deleted.
      assert.ok(own.dependsOn.includes("lab-manager") && own.dependsOn.includes("lab-worker-1"));
      const { project, resources } = find("lab-project", type("projectResources")).inputs;
      assert.equal(project, unlessPreview("id-of-lab-project"));
      assert.deepEqual(
        resources,
        ["100", "101", "102"].map((id) => unlessPreview(`do:droplet:${id}`)),
      );
    });

    it("have secret user data", async () => {
      const { registered } = await droplets(preview);
      const made = registered.filter((one) => one.type === DROPLET);
      assert.equal(made.length, 3);
      for (const { name, secrets, inputs } of made) {
        // An unknown value is not marked as secret.
        if (preview) assert.equal(inputs.userData, UNKNOWN, name);
        else assert.deepEqual(secrets, ["userData"], name);
      }
    });

    it("have the outputs of the contract, known or not", async () => {
      const { result } = await droplets(preview, { workers: 1 });
      const { manager, workers } = result.hosts;
      const given = {
        ids: [manager.id, workers[0]?.id],
        privateAddresses: [manager.privateAddress, workers[0]?.privateAddress],
        ports: [manager.ssh.port, manager.bastion.port],
        addresses: [manager.ssh.address, manager.bastion.address],
      };
      const expected = {
        ids: ["100", "101"],
        privateAddresses: ["10.108.0.100", "10.108.0.101"],
        ports: [22, 2222],
        addresses: ["198.51.100.100", "198.51.100.100"],
      };
      for (const [key, values] of Object.entries(given)) {
        const outputs = await Promise.all(
          values.map((value) => promiseOf(value as Output<string | number>)),
        );
        const known = !preview || key === "ports";
        for (const one of outputs) assert.deepEqual([one.known, one.secret], [known, false], key);
        const plain = outputs.map(({ value }) => value);
        if (known) assert.deepEqual(plain, expected[key as keyof typeof expected], key);
      }
    });
  });

  describe("a manager's reserved address", () => {
    const reserved = { digitalocean: { reservedAddress: true } };

    it("is used as soon as it is assigned", async () => {
      const { find, result } = await droplets(preview, reserved);
      assert.deepEqual(find("lab-address", type("reservedIp:")).inputs, { region: "nyc3" });
      assert.deepEqual(find("lab-address", type("reservedIpAssignment:")).inputs, {
        ipAddress: unlessPreview("198.51.100.7"),
        dropletId: unlessPreview(100),
      });
      const { manager } = result.hosts;
      for (const address of [manager.ssh.address, manager.bastion.address]) {
        const { value, known } = await promiseOf(address as Output<string>);
        assert.equal(known, !preview);
        if (!preview) assert.equal(value, "198.51.100.7");
      }
    });

    it("exists only if the settings ask for it", async () => {
      const { registered } = await droplets(preview);
      assert.deepEqual(
        registered.filter(({ type }) => /reserved/i.test(type)),
        [],
      );
    });
  });

  describe("the end of droplets", () => {
    const token = "dop_v1_limited";

    it("is a secret command with the token, for all droplets with the tag", async () => {
      const { result } = await droplets(preview, { lifetime: { ttl: "8h", token } });
      const { value, known, secret } = await promiseOf(result.hosts.end as Output<string>);
      assert.equal(known, !preview);
      if (preview) return;
      assert.equal(secret, true);
      const api = process.env.DIGITALOCEAN_API_URL ?? "https://api.digitalocean.com";
      assert.match(value, /^curl -fsS .* -X DELETE /);
      assert.match(value, / -H 'Authorization: Bearer dop_v1_limited' /);
      assert.ok(value.endsWith(` '${api}/v2/droplets?tag_name=${TAG}'`), value);
    });

    it("is impossible without the token, which is nowhere else", async () => {
      const without = await droplets(preview, { lifetime: { ttl: "8h" } });
      assert.equal(without.result.hosts.end, undefined);
      const { registered } = await droplets(preview, { lifetime: { ttl: "8h", token } });
      assert.ok(!JSON.stringify(registered).includes(token));
    });
  });
});

describe("droplets' user data", () => {
  const made = () => droplets(false, { workers: 2, manager: { size: "s-4vcpu-8gb" } });

  it("of the manager: its size, the private network, only its own private key", async () => {
    const { find } = await made();
    assert.deepEqual(parseUserData(find("lab-manager").inputs.userData).variables, {
      ROLE: "manager",
      NAME: "manager",
      HOST_KEY: privateKeyOf("lab-manager-host-key"),
      AUTHORIZED_KEY: publicKeyOf("lab-client-key"),
      HOST_CPUS: "4",
      HOST_MEMORY_MB: "8192",
      PRIVATE_RANGE: "10.108.0.0/20",
      JOIN_PUBLIC_KEY: publicKeyOf("lab-join-key"),
    });
  });

  it("of a worker: its own host key, the join key, and where the manager is", async () => {
    const { find } = await made();
    assert.deepEqual(parseUserData(find("lab-worker-1").inputs.userData).variables, {
      ROLE: "worker",
      NAME: "worker-1",
      HOST_KEY: privateKeyOf("lab-worker-1-host-key"),
      AUTHORIZED_KEY: publicKeyOf("lab-client-key"),
      HOST_CPUS: "2",
      HOST_MEMORY_MB: "4096",
      PRIVATE_RANGE: "10.108.0.0/20",
      JOIN_KEY: privateKeyOf("lab-join-key"),
      MANAGER: "10.108.0.100",
      MANAGER_HOST_KEY: publicKeyOf("lab-manager-host-key"),
    });
  });

  it("is the same however many workers there are, so that one more replaces none", async () => {
    const one = await droplets(false, { workers: 1 });
    const three = await droplets(false, { workers: 3 });
    for (const name of ["lab-manager", "lab-worker-0"]) {
      assert.deepEqual(one.find(name).inputs, three.find(name).inputs);
    }
  });
});
