import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_SWEEP, LocalHosts } from "../../../components/hosts/local";
import { swarmImages } from "../../../components/images/images";
import type { LocalSettings } from "../../../program/clouds/local/settings";
import { openCloud } from "../../../program/clouds/open";
import { parseSettings } from "../../../program/settings/settings";
import {
  type Inputs,
  inPreviewAndUpdate,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  type Run,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";
import { TAG_SUFFIX } from "./providers";

const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";
const NETWORK = "docker:index/network:Network";
const COMMAND = "command:local:Command";

const images = Object.values(swarmImages(parseSettings({})));
const runs = new Map<string, Promise<Run<LocalHosts>>>();

/** Each is run once, since the tests only read it. */
function hosts(preview: boolean, config: Record<string, string>): Promise<Run<LocalHosts>> {
  const key = JSON.stringify([preview, config]);
  const known = runs.get(key);
  if (known) return known;
  const settings = parseSettings(config) as LocalSettings;
  const made = run(
    preview,
    () => new LocalHosts("lab", { ...settings, notebooks: settings.notebook !== false, images }),
  );
  runs.set(key, made);
  return made;
}

function userDataOf(inputs: Inputs): string {
  const [upload] = inputs.uploads as { file: string; content: string }[];
  assert.equal(upload?.file, "/var/lib/cloud/instance/user-data.txt");
  return upload.content;
}

inPreviewAndUpdate((preview) => {
  describe("LocalHosts", () => {
    for (const count of [1, 3]) {
      it(`has these children for ${count} worker(s)`, async () => {
        const { registered } = await hosts(preview, { workers: `${count}` });
        const machine = (name: string) => [
          [`lab-${name}`, CONTAINER],
          [`lab-${name}-disk`, VOLUME],
          [`lab-${name}-host-key`, COMMAND],
        ];
        const children = registered.filter(({ parent }) => parent === "lab");
        assert.deepEqual(
          children.map(({ name, type }) => [name, type]),
          [
            ["lab-client-key", COMMAND],
            ["lab-hosts", NETWORK],
            ["lab-id", COMMAND],
            ["lab-images", "spark-swarm:images:LocalImages"],
            ["lab-join-key", COMMAND],
            ["lab-manager", CONTAINER],
            ["lab-manager-boot", "command:remote:Command"],
            ...machine("manager").slice(1),
            ["lab-sweep", COMMAND],
            ...Array.from({ length: count }, (_, index) => machine(`worker-${index}`)).flat(),
          ],
        );
      });
    }

    it("gives a container its limits, and no swap", async () => {
      const { find } = await hosts(preview, {
        workers: '{"count": 2, "cpus": 1.5, "memory": 4096}',
        manager: '{"cpus": 3, "memory": 2500}',
      });
      for (const [name, cpus, memory] of [
        ["lab-manager", "3.0", 2500],
        ["lab-worker-0", "1.5", 4096],
        ["lab-worker-1", "1.5", 4096],
      ] as const) {
        const { inputs } = find(name);
        assert.deepEqual([inputs.cpus, inputs.memory, inputs.memorySwap], [cpus, memory, memory]);
      }
    });

    it("publishes the manager's two ports on loopback, and no port of a worker", async () => {
      const { find } = await hosts(preview, {});
      assert.deepEqual(find("lab-manager").inputs.ports, [
        { internal: 22, ip: "127.0.0.1" },
        { internal: 2222, ip: "127.0.0.1" },
      ]);
      assert.deepEqual(find("lab-worker-0").inputs.ports, []);
    });

    it("mounts its own disk, the seed read-only, and nothing else of this machine", async () => {
      const { find } = await hosts(preview, {});
      const unlessPreview = (value: string | undefined) => (preview ? UNKNOWN : value);
      const { variables: seed } = scriptOf(find("lab-images-seed"));
      for (const name of ["lab-manager", "lab-worker-0", "lab-worker-1"]) {
        assert.deepEqual(find(name).inputs.volumes, [
          { containerPath: "/var/lib/docker", volumeName: unlessPreview(`${name}-disk`) },
          { containerPath: "/seed", volumeName: unlessPreview(seed.SEED), readOnly: true },
          { containerPath: "/sys/fs/cgroup", hostPath: "/sys/fs/cgroup" },
        ]);
      }
    });

    it("is neither privileged nor in this machine's namespaces", async () => {
      const { find } = await hosts(preview, {});
      for (const name of ["lab-manager", "lab-worker-0"]) {
        const { inputs } = find(name);
        for (const key of ["privileged", "networkMode", "pidMode", "ipcMode", "usernsMode"]) {
          assert.equal(inputs[key], undefined, `${name}: ${key}`);
        }
        assert.deepEqual(inputs.capabilities, { adds: ["ALL"], drops: ["SYS_RESOURCE"] });
        assert.equal((inputs.networksAdvanced as Inputs[]).length, 1);
      }
    });

    it("labels and names all resources on the engine after the stack", async () => {
      const { registered } = await hosts(preview, {});
      const held = registered.filter(({ type }) => type.startsWith("docker:"));
      assert.equal(held.length, 7);
      for (const { name, inputs } of held) {
        assert.equal(inputs.name, name);
        const labels = [
          { label: "spark-swarm.id", value: preview ? UNKNOWN : `lab${TAG_SUFFIX}` },
          { label: "spark-swarm.stack", value: "lab" },
        ];
        assert.deepEqual(inputs.labels, labels, name);
      }
    });

    it("deletes leftovers with its tag last, and with them what they may use", async () => {
      const { registered, find } = await hosts(preview, {});
      const { inputs } = find("lab-sweep");
      assert.deepEqual([inputs.create, inputs.update], ["true", "true"]);
      assert.equal(inputs.delete, 'eval "$(cat)"');
      assert.equal(inputs.stdin, readFileSync(LOCAL_SWEEP.script, "utf8"));
      const tag = preview ? UNKNOWN : `lab${TAG_SUFFIX}`;
      assert.deepEqual(inputs.environment, { TAG: tag, KNOWN: "", DRY_RUN: "" });
      for (const { name, type, dependsOn, deletedWith } of registered) {
        if (type !== NETWORK && type !== VOLUME) continue;
        assert.ok(dependsOn.includes("lab-sweep"), name);
        assert.equal(deletedWith, "lab-sweep", name);
      }
      assert.ok(find("lab-manager").dependsOn.includes("lab-hosts"));
    });

    it("creates its tag once", async () => {
      const { find } = await hosts(preview, {});
      assert.deepEqual(find("lab-id").ignoreChanges, [
        "create",
        "update",
        "stdin",
        "addPreviousOutputInEnv",
      ]);
      assert.deepEqual(scriptOf(find("lab-id")).variables, { NAME: "lab" });
    });

    it("deletes a replaced host first, with its disk; ignores values that read back differently", async () => {
      const { find } = await hosts(preview, {});
      for (const name of ["lab-manager", "lab-worker-0"]) {
        assert.equal(find(name).deleteBeforeReplace, true);
        assert.equal(find(`${name}-disk`).deleteBeforeReplace, true);
        assert.equal(find("lab-hosts").deleteBeforeReplace, true);
        assert.deepEqual(find(name).ignoreChanges, ["capabilities", "securityOpts"]);
        assert.ok(find(name).dependsOn.includes(`${name}-disk`));
      }
      // With ipamConfigs the plugin replaces the network after each refresh.
      assert.equal(find("lab-hosts").inputs.ipamConfigs, undefined);
    });

    it("creates each key once, even if the script changes", async () => {
      const { registered } = await hosts(preview, {});
      const keys = registered.filter(({ name }) => name.endsWith("-key"));
      assert.equal(keys.length, 5);
      const text = readFileSync(join(__dirname, "../../../components/ssh-key.sh"), "utf8");
      for (const key of keys) {
        assert.deepEqual(scriptOf(key), { variables: {}, text }, key.name);
        assert.deepEqual(
          key.ignoreChanges,
          ["create", "update", "stdin", "addPreviousOutputInEnv", "triggers"],
          key.name,
        );
      }
    });

    it("keeps every private key secret", async () => {
      const { registered, result } = await hosts(preview, {});
      for (const { name, type, secrets, additionalSecretOutputs, inputs } of registered) {
        if (type === CONTAINER) {
          // An unknown value is not marked as secret.
          if (preview) assert.equal(userDataOf(inputs), UNKNOWN, name);
          else assert.ok(secrets.includes("uploads[0].content"), name);
        }
        if (name.endsWith("-key")) {
          assert.deepEqual(additionalSecretOutputs, ["stdout"], name);
          assert.equal(inputs.logging, "none", name);
        }
      }
      assert.equal((await promiseOf(result.clientKey.privateKey)).secret, true);
      assert.equal((await promiseOf(result.clientKey.publicKey)).secret, false);
      for (const host of [result.manager, ...result.workers]) {
        for (const value of [host.id, host.hostKey, host.privateAddress]) {
          assert.equal((await promiseOf(value)).secret, false, host.name);
        }
      }
    });

    it("has the outputs of the contract, known or not", async () => {
      const { result } = await hosts(preview, { workers: "1" });
      const { manager, workers } = result;
      assert.deepEqual(
        [manager, ...workers].map(({ name }) => name),
        ["manager", "worker-0"],
      );
      assert.equal(manager.ssh.address, "127.0.0.1");
      assert.equal(manager.bastion.address, "127.0.0.1");
      const given = {
        id: await promiseOf(manager.id),
        privateAddress: await promiseOf(manager.privateAddress),
        ssh: await promiseOf(manager.ssh.port),
        bastion: await promiseOf(manager.bastion.port),
      };
      const expected = {
        id: "id-of-lab-manager",
        privateAddress: "172.20.0.9",
        ssh: 40022,
        bastion: 42222,
      };
      for (const [key, { value, known }] of Object.entries(given)) {
        assert.equal(known, !preview, key);
        if (!preview) assert.equal(value, expected[key as keyof typeof expected], key);
      }
    });
  });
});

describe("cloud local", () => {
  it("costs nothing, and ends hosts by their first process", async () => {
    const cloud = await openCloud(parseSettings({ workers: "1" }));
    assert.deepEqual(cloud.hourlyCost, { currency: "USD", total: 0, parts: [] });
    const { result, find } = await run(false, () => cloud.createHosts("lab", { images }));
    assert.equal(result.end, "kill -TERM 1");
    assert.equal(find("lab-worker-0").type, CONTAINER);
  });
});

describe("LocalHosts' user data", () => {
  it("never gives a worker the client's private key or another host's", async () => {
    const { find } = await hosts(false, { workers: "2" });
    const worker = userDataOf(find("lab-worker-0").inputs);
    const quoted = (name: string) => privateKeyOf(name).replaceAll("'", "'\\''");
    assert.ok(worker.includes(quoted("lab-worker-0-host-key")));
    assert.ok(worker.includes(quoted("lab-join-key")));
    for (const other of ["lab-client-key", "lab-manager-host-key", "lab-worker-1-host-key"]) {
      assert.ok(!worker.includes(`it'\\''s ${other}`), other);
    }
    assert.ok(worker.includes(publicKeyOf("lab-client-key")));
    assert.ok(worker.includes(`MANAGER_HOST_KEY='${publicKeyOf("lab-manager-host-key")}'`));
    assert.ok(worker.includes("\nMANAGER='lab-manager'\n"));
  });

  it("gives the manager only its own private key", async () => {
    const { find } = await hosts(false, { workers: "2" });
    const manager = userDataOf(find("lab-manager").inputs);
    assert.equal(manager.match(/BEGIN OPENSSH PRIVATE KEY/g)?.length, 1);
    assert.ok(manager.includes("it'\\''s lab-manager-host-key"));
    assert.ok(manager.includes(`JOIN_PUBLIC_KEY='${publicKeyOf("lab-join-key")}'`));
  });

  it("has the host's size: whole CPUs, at least one", async () => {
    const { find } = await hosts(false, {
      workers: '{"count": 1, "cpus": 0.5, "memory": 2048}',
      manager: '{"cpus": 2.9}',
    });
    const worker = userDataOf(find("lab-worker-0").inputs);
    assert.match(worker, /^HOST_CPUS='1'\nHOST_MEMORY_MB='2048'$/m);
    assert.match(userDataOf(find("lab-manager").inputs), /^HOST_CPUS='2'$/m);
  });

  it("differs between workers in name and host key only, so that one more replaces none", async () => {
    const one = await hosts(false, { workers: "1" });
    const three = await hosts(false, { workers: "3" });
    for (const name of ["lab-manager", "lab-worker-0"]) {
      assert.deepEqual(one.find(name).inputs, three.find(name).inputs);
    }
  });
});
