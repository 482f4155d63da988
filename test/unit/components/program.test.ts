import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { NETWORK } from "../../../components/facts";
import { swarmImages } from "../../../components/images/images";
import main from "../../../index";
import { parseSettings } from "../../../program/settings/settings";
import { OWN_NAMES } from "../../../program/stacks";
import {
  documentOf,
  inPreviewAndUpdate,
  PROJECT,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  type Run,
  run,
  STACK,
  scriptOf,
  UNKNOWN,
} from "./mocks";
import { SINCE } from "./providers";

type Outputs = Awaited<ReturnType<typeof main>>;

function program(preview: boolean, config: Record<string, string> = {}): Promise<Run<Outputs>> {
  return run(preview, () => {
    const keys = Object.entries(config).map(([key, value]) => [`${PROJECT}:${key}`, value]);
    // The configuration also has keys of other projects and providers, which the program must ignore.
    const others = { "aws:region": "eu-central-1", "other:workers": "99" };
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(keys), ...others });
    return main();
  });
}

const NAME = `${PROJECT}-${STACK}`;
const OWN = '# a user\'s own\nversion: "3.8"\nservices: {web: {image: nginx}}\n';

describe("the program", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "program-"));
    file = join(folder, "web.yml");
    writeFileSync(file, OWN);
  });
  after(() => {
    rmSync(folder, { recursive: true });
    pulumi.runtime.setAllConfig({});
  });

  inPreviewAndUpdate((preview) => {
    it("registers these resources", async () => {
      const { registered } = await program(preview, { workers: "1" });
      const machine = (host: string) => [host, `${host}-disk`, `${host}-host-key`];
      const suffixes = [
        ...["bastion", "bastion", "bastion-bastion_authorized_keys", "bastion-bastion_host_key"],
        ...["bastion-deploy", "bastion-host-key", "bastion-removal", "client-key", "hosts"],
        "id",
        // Those of the local hosts and of the Swarm.
        ...["images", "images", "images-bastion", "images-host", "images-provide"],
        ...["images-seed", "images-spark", "join-key"],
        ...["lifetime", "lifetime", "lifetime-manager-since", "lifetime-since"],
        ...["manager", "manager-boot", "manager-disk", "manager-host-key"],
        ...["spark", "spark", "spark-defaults", "spark-deploy", "spark-removal", "spark-secret"],
        ...["spark-workers", "swarm", "swarm-form", "sweep", "unsaved", "unsaved-check"],
        ...machine("worker-0"),
      ];
      assert.deepEqual(
        registered.map(({ name }) => name),
        [NAME, ...suffixes.map((suffix) => `${NAME}-${suffix}`)],
      );
    });

    it("keeps a command's output out of its next run's environment", async () => {
      const { registered } = await program(preview, {
        notebook: "true",
        stacks: JSON.stringify([{ name: "web", file }]),
      });
      const commands = registered.filter(({ type }) => type.startsWith("command:"));
      assert(commands.length > 20);
      for (const { name, inputs } of commands) {
        assert.equal(inputs.addPreviousOutputInEnv, false, name);
      }
    });

    it("adds a stack for each of the user's files, its text unchanged", async () => {
      // Names of other resources: none may conflict.
      const names = ["web", "swarm", "spark-workers", "images", "hosts", "bastion-host-key"];
      const stacks = JSON.stringify(names.map((name) => ({ name, file })));
      const { registered, find } = await program(preview, { workers: "1", stacks });
      for (const name of names) {
        const deploy = find(`${NAME}-${name}-deploy`);
        if (preview) assert.equal(deploy.inputs.stdin, UNKNOWN);
        else assert.equal(scriptOf(deploy).variables.COMPOSE, OWN);
      }
      const urns = registered.map(({ urn }) => urn);
      assert.deepEqual(
        urns.filter((urn, index) => urns.indexOf(urn) !== index),
        [],
      );
    });

    it("gives a user's stack what its file needs, with encrypted secrets", async () => {
      writeFileSync(join(folder, "key.txt"), "hidden");
      const shop = join(folder, "shop.yml");
      const text =
        "services: {web: {image: 'nginx:$TAG', secrets: [key]}}\nsecrets: {key: {file: key.txt}}\n";
      writeFileSync(shop, text);
      const registry = { server: "ghcr.io", username: "me", password: "token" };
      const stack = { name: "shop", file: shop, env: { TAG: 5 }, timeout: "10m", registry };
      const { find } = await program(preview, { workers: "1", stacks: JSON.stringify([stack]) });
      const deploy = find(`${NAME}-shop-deploy`);
      if (preview) return assert.equal(deploy.inputs.stdin, UNKNOWN);
      assert.ok(deploy.secrets.includes("stdin"));
      const { COMPOSE = "", FILES = "", REGISTRIES = "", ...others } = scriptOf(deploy).variables;
      assert.match(COMPOSE, /image: nginx:5\n/);
      assert.match(FILES, /^shop_key_[0-9a-f]{12} aGlkZGVu$/);
      assert.deepEqual(JSON.parse(REGISTRIES), { auths: { "ghcr.io": { auth: "bWU6dG9rZW4=" } } });
      assert.deepEqual(others, {
        SWARM: "id-of-spark-swarm-test-manager",
        STACK: "shop",
        TIMEOUT: "600",
        RESOLVE: "always",
        SETTLE: "20",
      });
    });

    it("refuses Compose files with all their errors, before anything is created", async () => {
      const wrong = join(folder, "wrong.yml");
      writeFileSync(wrong, "services: {web: {image: nginx, privileged: true, gpus: all}}\n");
      const other = join(folder, "other.yml");
      const networks = "networks: {spark: {external: true}}";
      const master = "services: {master: {image: nginx, networks: [spark]}}";
      writeFileSync(other, `${master}\n${networks}\n`);
      const stacks = JSON.stringify([
        { name: "a", file: wrong },
        { name: "b", file: other },
      ]);
      await assert.rejects(program(preview, { stacks }), ({ message }: Error) => {
        const [first, ...problems] = message.split("\n");
        assert.equal(first, "The Compose files of this stack have 3 problems:");
        assert.match(problems[0] ?? "", /^ {2}- \S+wrong\.yml:1: services\.web\.privileged: /);
        assert.match(problems[1] ?? "", /services\.web\.gpus/);
        assert.match(problems[2] ?? "", /other\.yml:1: services\.master: master is a name/);
        assert.equal(problems[3], "Nothing was created or changed.");
        return true;
      });
    });

    it("reserves the names of its own services on the network", async () => {
      const all = {
        notebook: "true",
        connect: "true",
        sql: "true",
        livy: "true",
        monitoring: "true",
        storage: "hdfs",
      };
      const { registered } = await program(preview, all);
      if (preview) return;
      const documents = registered.filter(({ name }) => name.endsWith("-deploy")).map(documentOf);
      const names = documents.flatMap(({ services }) =>
        Object.entries(services).flatMap(([name, { networks }]) =>
          NETWORK in networks ? [name, ...(networks[NETWORK]?.aliases ?? [])] : [],
        ),
      );
      assert.ok(names.includes("history"), names.join());
      assert.deepEqual(
        names.filter((name) => !OWN_NAMES.includes(name)),
        [],
      );
    });

    it("has the number of workers of the settings", async () => {
      const { registered, find } = await program(preview, { workers: "4" });
      const disks = registered.filter(({ name }) => /worker-\d+-disk$/.test(name));
      assert.equal(disks.length, 4);
      const form = find(`${NAME}-swarm-form`);
      if (preview) return assert.equal(form.inputs.stdin, UNKNOWN);
      const { EXPECTED = "" } = scriptOf(form).variables;
      assert.match(EXPECTED, /\nworker-3 id-of-spark-swarm-test-worker-3$/);
    });

    it("returns the private key as a secret", async () => {
      const { result } = await program(preview, {});
      const { value, known, secret } = await promiseOf(result.privateKey);
      assert.equal(secret, true);
      assert.equal(known, !preview);
      if (!preview) assert.equal(value, privateKeyOf(`${NAME}-client-key`));
    });

    it("returns the cluster, which has no secrets", async () => {
      const { result } = await program(preview, { workers: "1" });
      const { value, secret, known } = await promiseOf(pulumi.output(result.cluster));
      assert.equal(secret, false);
      assert.equal(known, !preview);
      if (preview) return;
      assert.deepEqual(value, {
        stack: STACK,
        cloud: "local",
        since: SINCE,
        manager: {
          name: "manager",
          address: "127.0.0.1",
          port: 40022,
          user: "root",
          hostKey: publicKeyOf(`${NAME}-manager-host-key`),
          privateAddress: "172.20.0.9",
        },
        workers: [
          {
            name: "worker-0",
            id: `id-of-${NAME}-worker-0`,
            privateAddress: "172.20.0.9",
            user: "root",
            hostKey: publicKeyOf(`${NAME}-worker-0-host-key`),
          },
        ],
        bastion: {
          address: "127.0.0.1",
          port: 42222,
          user: "tunnel",
          hostKey: publicKeyOf(`${NAME}-bastion-host-key`),
        },
        image: swarmImages(parseSettings({})).spark.reference,
        network: "spark",
        overlayPrefix: "10.201.",
        allocation: { mode: "shared", properties: {} },
        storage: "hdfs",
        standIns: [],
      });
    });

    it("passes every private key as a secret", async () => {
      const { registered } = await program(preview, { workers: "2" });
      let found = 0;
      const look = (value: unknown, path: string, secrets: string[], name: string): void => {
        if (typeof value === "object" && value !== null) {
          for (const [key, item] of Object.entries(value)) {
            const part = Array.isArray(value) ? `[${key}]` : path ? `.${key}` : key;
            look(item, path + part, secrets, name);
          }
        } else if (String(value).includes("BEGIN OPENSSH PRIVATE KEY")) {
          found += 1;
          assert.ok(
            secrets.some((secret) => path.startsWith(secret)),
            `${name}: ${path} is plain`,
          );
        }
      };
      for (const { inputs, secrets, name } of registered) look(inputs, "", secrets, name);
      // 3 hosts' user data, 1 bastion's host key, 10 connections, 2 removals, 1 check.
      if (!preview) assert.equal(found, 3 + 1 + 10 + 2 + 1);
      else assert.ok(JSON.stringify(registered).includes(UNKNOWN));
    });

    it("refuses a bad configuration without a stack trace, before anything is registered", async () => {
      const { registered, result } = await run(preview, () => {
        pulumi.runtime.setAllConfig({
          [`${PROJECT}:workers`]: "0",
          [`${PROJECT}:wokers`]: "3",
        });
        return main().then(
          () => assert.fail("it was accepted"),
          (error: unknown) => error,
        );
      });
      assert.ok(pulumi.RunError.isInstance(result));
      assert.match(result.message, /^The configuration of this stack has 2 problems:\n/);
      assert.deepEqual(registered, []);
    });
  });
});
