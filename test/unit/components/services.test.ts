import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Bastion } from "../../../components/bastion/bastion";
import { NETWORK, OVERLAY_PREFIX } from "../../../components/facts";
import { swarmImages } from "../../../components/images/images";
import { Spark } from "../../../components/spark/spark";
import { Swarm } from "../../../components/swarm/swarm";
import type { ComposeService } from "../../../components/swarm-stack/compose";
import { parseSettings } from "../../../program/settings/settings";
import {
  documentOf,
  fakeHosts,
  inPreviewAndUpdate,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  type Registered,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";

const LOCAL = "command:local:Command";
const REMOTE = "command:remote:Command";
const ROOT = join(__dirname, "../../..");

function serviceOf(resource: Registered, name: string): ComposeService {
  const service = documentOf(resource).services[name];
  assert.ok(service, `there is no service ${name}`);
  return service;
}

const images = swarmImages(parseSettings({}));

inPreviewAndUpdate((preview) => {
  describe("Spark", () => {
    const spark = (workers: number) =>
      run(preview, () => {
        const hosts = fakeHosts(workers);
        const swarm = new Swarm("swarm", { hosts });
        return new Spark("spark", { swarm, workers: hosts.workers, image: images.spark.reference });
      });

    it("is a secret, a stack, and the wait for its workers, in this order", async () => {
      const { registered, find } = await spark(2);
      assert.deepEqual(
        registered
          .filter(({ name }) => name.startsWith("spark"))
          .map(({ name, type, parent }) => [name, type, parent]),
        [
          ["spark", "spark-swarm:spark:Spark", ""],
          ["spark", "spark-swarm:swarm:SwarmStack", "spark"],
          ["spark-deploy", REMOTE, "spark"],
          ["spark-removal", LOCAL, "spark"],
          ["spark-secret", REMOTE, "spark"],
          ["spark-workers", REMOTE, "spark"],
        ],
      );
      assert.ok(find("spark-workers").dependsOn.includes("spark-deploy"));
      assert.equal(find("spark-workers").inputs.delete, undefined);
      // A component's children depend on what it depends on.
      const stack = find("spark", "spark-swarm:swarm:SwarmStack");
      assert.ok([...stack.dependsOn, ...find("spark-deploy").dependsOn].includes("spark-secret"));
    });

    it("lets the manager generate its secret", async () => {
      const { find } = await spark(1);
      const resource = find("spark-secret");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(resource).variables, {
        SWARM: "id-of-manager",
        SECRET: "spark_secret",
        VALUE: "",
      });
    });

    it("places master and history on the manager, a worker on every worker host", async () => {
      const { find } = await spark(1);
      const deploy = find("spark-deploy");
      if (preview) return assert.equal(deploy.inputs.stdin, UNKNOWN);
      assert.deepEqual(Object.keys(documentOf(deploy).services), ["master", "history", "worker"]);
      for (const name of ["master", "history"]) {
        const { deploy: rules } = serviceOf(deploy, name);
        assert.deepEqual(rules.placement.constraints, ["node.role == manager"]);
        assert.equal(rules.mode, undefined);
      }
      const { deploy: rules } = serviceOf(deploy, "worker");
      assert.deepEqual(rules.placement.constraints, ["engine.labels.role == worker"]);
      assert.equal(rules.mode, "global");
    });

    it("gives each service image, overlay without virtual addresses, and secret", async () => {
      const { find } = await spark(1);
      const deploy = find("spark-deploy");
      if (preview) return assert.equal(deploy.inputs.stdin, UNKNOWN);
      for (const name of ["master", "history", "worker"]) {
        const service = serviceOf(deploy, name);
        assert.equal(service.image, images.spark.reference);
        assert.deepEqual(service.command, [name]);
        assert.equal(service.environment?.OVERLAY_PREFIX, OVERLAY_PREFIX);
        assert.deepEqual(service.networks, { [NETWORK]: { aliases: [name] } });
        assert.deepEqual(service.secrets, [
          { source: "spark_secret", target: "spark_secret", uid: "185", gid: "185", mode: 0o440 },
        ]);
        assert.equal(service.deploy.endpoint_mode, "dnsrr");
        assert.equal(service.ports, undefined, "nothing is published");
      }
      const { networks, secrets } = documentOf(deploy);
      assert.deepEqual(networks, { [NETWORK]: { external: true, name: NETWORK } });
      assert.deepEqual(secrets, { spark_secret: { external: true, name: "spark_secret" } });
      const dockerfile = readFileSync(join(ROOT, "images/spark/Dockerfile"), "utf8");
      assert.match(dockerfile, /useradd --uid 185 /);
    });

    it("has the master's records in a volume that belongs to the image's user", async () => {
      const { find } = await spark(1);
      if (preview) return assert.equal(find("spark-deploy").inputs.stdin, UNKNOWN);
      const target = "/home/spark/master";
      const { volumes } = serviceOf(find("spark-deploy"), "master");
      assert.deepEqual(volumes, [{ type: "volume", source: "master", target }]);
      assert.deepEqual(documentOf(find("spark-deploy")).volumes, { master: {} });
      const dockerfile = readFileSync(join(ROOT, "images/spark/Dockerfile"), "utf8");
      assert.ok(dockerfile.includes(`RUN mkdir ${target}`));
    });

    it("mounts folders that the user data creates, each at the same path", async () => {
      const { find } = await spark(1);
      if (preview) return assert.equal(find("spark-deploy").inputs.stdin, UNKNOWN);
      const bound = ["history", "worker"].map((name) => {
        const volumes = serviceOf(find("spark-deploy"), name).volumes ?? [];
        for (const volume of volumes) {
          assert.deepEqual(volume, { type: "bind", source: volume.source, target: volume.source });
        }
        return volumes.map(({ source }) => source);
      });
      assert.deepEqual(bound, [
        ["/var/lib/spark/events"],
        ["/etc/spark-swarm", "/var/lib/spark/work", "/var/lib/spark/local", "/data"],
      ]);
      const script = readFileSync(join(ROOT, "components/hosts/user-data.sh"), "utf8");
      const [, made = ""] = /install -d .* \/var\/lib\/spark\/\{(.*)\}/.exec(script) ?? [];
      for (const path of bound.flat().filter((source) => source.startsWith("/var/lib/spark/"))) {
        assert.ok(made.split(",").includes(path.slice("/var/lib/spark/".length)), path);
      }
    });

    it("waits for as many workers as hosts, and again when one is replaced", async () => {
      const { find } = await spark(2);
      const resource = find("spark-workers");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(resource), {
        variables: {
          HOSTS: "id-of-worker-0 id-of-worker-1",
          WORKERS: "2",
          STORE: "",
          TIMEOUT: "120",
        },
        text: readFileSync(join(ROOT, "components/spark/await-workers.sh"), "utf8"),
      });
    });
  });

  describe("Bastion", () => {
    const bastion = () =>
      run(preview, () => {
        const hosts = fakeHosts(1);
        const swarm = new Swarm("swarm", { hosts });
        return new Bastion("bastion", {
          swarm,
          clientKey: hosts.clientKey,
          image: images.bastion.reference,
        });
      });

    it("is a host key, two secrets and a stack", async () => {
      const { registered, find } = await bastion();
      assert.deepEqual(
        registered
          .filter(({ name }) => name.startsWith("bastion"))
          .map(({ name, type, parent }) => [name, type, parent]),
        [
          ["bastion", "spark-swarm:bastion:Bastion", ""],
          ["bastion", "spark-swarm:swarm:SwarmStack", "bastion"],
          ["bastion-bastion_authorized_keys", REMOTE, "bastion"],
          ["bastion-bastion_host_key", REMOTE, "bastion"],
          ["bastion-deploy", REMOTE, "bastion"],
          ["bastion-host-key", LOCAL, "bastion"],
          ["bastion-removal", LOCAL, "bastion"],
        ],
      );
      const stack = find("bastion", "spark-swarm:swarm:SwarmStack");
      const before = [...stack.dependsOn, ...find("bastion-deploy").dependsOn];
      for (const secret of ["bastion-bastion_authorized_keys", "bastion-bastion_host_key"]) {
        assert.ok(before.includes(secret), secret);
      }
    });

    it("gets its own host key, secret, and the client's public key only", async () => {
      const { find, registered } = await bastion();
      const authorized = find("bastion-bastion_authorized_keys");
      const key = find("bastion-bastion_host_key");
      if (preview) {
        assert.deepEqual([authorized.inputs.stdin, key.inputs.stdin], [UNKNOWN, UNKNOWN]);
      } else {
        assert.equal(scriptOf(authorized).variables.VALUE, publicKeyOf("client"));
        assert.equal(scriptOf(key).variables.VALUE, privateKeyOf("bastion-host-key"));
        assert.ok(key.secrets.includes("stdin"));
      }
      for (const { name, inputs } of registered) {
        // Not sent to the bastion: the key with which this machine opens the manager.
        if (name.endsWith("-removal")) continue;
        const { connection: _, ...others } = inputs;
        // Quoted for a shell or not.
        assert.ok(!JSON.stringify(others).includes("'s client"), name);
      }
    });

    it("runs on the manager, which publishes its port and nothing else", async () => {
      const { find } = await bastion();
      const deploy = find("bastion-deploy");
      if (preview) return assert.equal(deploy.inputs.stdin, UNKNOWN);
      assert.deepEqual(documentOf(deploy), {
        version: "3.8",
        services: {
          sshd: {
            image: images.bastion.reference,
            networks: { [NETWORK]: {} },
            ports: [{ target: 2222, published: 2222, mode: "host" }],
            secrets: [
              { source: "bastion_host_key", target: "bastion_host_key", mode: 0o400 },
              { source: "bastion_authorized_keys", target: "bastion_authorized_keys", mode: 0o444 },
            ],
            deploy: {
              endpoint_mode: "dnsrr",
              placement: { constraints: ["node.role == manager"] },
            },
          },
        },
        networks: { [NETWORK]: { external: true, name: NETWORK } },
        secrets: {
          bastion_host_key: { external: true, name: "bastion_host_key" },
          bastion_authorized_keys: { external: true, name: "bastion_authorized_keys" },
        },
      });
    });

    it("returns the public half of its host key, which is not secret", async () => {
      const { result } = await bastion();
      const { value, known, secret } = await promiseOf(result.hostKey.publicKey);
      assert.equal(secret, false);
      assert.equal(known, !preview);
      if (!preview) assert.equal(value, publicKeyOf("bastion-host-key"));
    });

    it("expects its secrets where sshd_config reads them", () => {
      const config = readFileSync(join(ROOT, "images/bastion/sshd_config"), "utf8");
      for (const secret of ["bastion_host_key", "bastion_authorized_keys"]) {
        assert.match(config, new RegExp(`^\\S+ /run/secrets/${secret}$`, "m"));
      }
    });
  });
});
