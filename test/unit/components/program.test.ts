import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { swarmImages } from "../../../components/images/images";
import main from "../../../index";
import { parseSettings } from "../../../program/settings/settings";
import {
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
    // Other projects' and providers' configuration stands beside ours, and is none of our business.
    const others = { "aws:region": "eu-central-1", "other:workers": "99" };
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(keys), ...others });
    return main();
  });
}

const NAME = `${PROJECT}-${STACK}`;

describe("the program", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "program-"));
    file = join(folder, "web.yml");
    writeFileSync(file, "# a user's own\nservices: {}\n");
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
        // The local hosts' and the Swarm's.
        ...["images", "images", "images-bastion", "images-host", "images-provide"],
        ...["images-seed", "images-spark", "join-key"],
        ...["lifetime", "lifetime", "lifetime-manager-since", "lifetime-since"],
        ...["manager", "manager-boot", "manager-disk", "manager-host-key"],
        ...["spark", "spark", "spark-deploy", "spark-removal", "spark-secret", "spark-workers"],
        ...["swarm", "swarm-form", "sweep", ...machine("worker-0")],
      ];
      assert.deepEqual(
        registered.map(({ name }) => name),
        [NAME, ...suffixes.map((suffix) => `${NAME}-${suffix}`)],
      );
    });

    it("adds a stack for each file of the user's, its text unchanged", async () => {
      // Names that other resources have: none may be in another's way.
      const names = ["web", "swarm", "spark-workers", "images", "hosts", "bastion-host-key"];
      const stacks = JSON.stringify(names.map((name) => ({ name, file })));
      const { registered, find } = await program(preview, { workers: "1", stacks });
      for (const name of names) {
        const deploy = find(`${NAME}-${name}-deploy`);
        if (preview) assert.equal(deploy.inputs.stdin, UNKNOWN);
        else assert.equal(scriptOf(deploy).variables.COMPOSE, "# a user's own\nservices: {}\n");
      }
      const urns = registered.map(({ urn }) => urn);
      assert.deepEqual(
        urns.filter((urn, index) => urns.indexOf(urn) !== index),
        [],
      );
    });

    it("has as many workers as the settings say", async () => {
      const { registered, find } = await program(preview, { workers: "4" });
      const disks = registered.filter(({ name }) => /worker-\d+-disk$/.test(name));
      assert.equal(disks.length, 4);
      const form = find(`${NAME}-swarm-form`);
      if (preview) return assert.equal(form.inputs.stdin, UNKNOWN);
      const { EXPECTED = "" } = scriptOf(form).variables;
      assert.match(EXPECTED, /\nworker-3 id-of-spark-swarm-test-worker-3$/);
    });

    it("gives the private key, secret", async () => {
      const { result } = await program(preview, {});
      const { value, known, secret } = await promiseOf(result.privateKey);
      assert.equal(secret, true);
      assert.equal(known, !preview);
      if (!preview) assert.equal(value, privateKeyOf(`${NAME}-client-key`));
    });

    it("gives the cluster, which holds no secret", async () => {
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
        standIns: [],
      });
    });

    it("hands every private key over as a secret", async () => {
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
      // 3 hosts' user data, 1 bastion's host key, 9 connections, 2 removals.
      if (!preview) assert.equal(found, 3 + 1 + 9 + 2);
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
