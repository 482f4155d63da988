import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { interpolate, secret } from "@pulumi/pulumi";
import { parse } from "yaml";
import { NETWORK, OVERLAY_PREFIX, SUBNET } from "../../../components/facts";
import { HOST_LIBRARY } from "../../../components/hosts/bootstrap";
import { AWAITED_HOSTS } from "../../../components/hosts/contract";
import { swarmSecret } from "../../../components/swarm/secret";
import { Swarm } from "../../../components/swarm/swarm";
import type { ComposeDocument } from "../../../components/swarm-stack/compose";
import { SwarmStack } from "../../../components/swarm-stack/swarm-stack";
import {
  fakeHosts,
  inPreviewAndUpdate,
  promiseOf,
  type Registered,
  removedBy,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";

const REMOTE = "command:remote:Command";
const COMPONENTS = join(__dirname, "../../../components");
const script = (path: string) => readFileSync(join(COMPONENTS, path), "utf8");
const swarmOf = (workers: number) => new Swarm("swarm", { hosts: fakeHosts(workers) });

/** Checks what all commands of the Swarm must have in common. */
function assertOnManager({ name, inputs, secrets }: Registered): void {
  // A delete command would fail when the manager is already deleted.
  assert.equal(inputs.delete, undefined, name);
  assert.deepEqual([inputs.create, inputs.update], Array(2).fill('eval "$(cat)"'), name);
  assert.ok(secrets.includes("connection"), name);
}

function assertShell({ inputs }: Registered): void {
  const input = inputs.stdin as string;
  const { status, stderr } = spawnSync("sh", ["-n"], { input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

describe("the overlay's addresses", () => {
  it("begin with the prefix by which Spark finds its own address", () => {
    assert.ok(SUBNET.startsWith(OVERLAY_PREFIX));
    const bits = Number(SUBNET.split("/")[1]);
    assert.equal(OVERLAY_PREFIX.split(".").length - 1, bits / 8);
  });

  it("are apart from the pool of users' networks", () => {
    const [, pool = ""] = /--default-addr-pool (\S+)/.exec(script("hosts/user-data.sh")) ?? [];
    assert.match(pool, /^10\.\d+\.0\.0\/16$/);
    assert.ok(!pool.startsWith(OVERLAY_PREFIX));
  });
});

inPreviewAndUpdate((preview) => {
  describe("Swarm", () => {
    it("is one command on the manager", async () => {
      const { registered, find } = await run(preview, () => swarmOf(3));
      assert.deepEqual(
        registered
          .filter(({ type }) => !type.startsWith("test:"))
          .map(({ name, type, parent }) => [name, type, parent]),
        [
          ["swarm", "spark-swarm:swarm:Swarm", ""],
          ["swarm-form", REMOTE, "swarm"],
        ],
      );
      assertOnManager(find("swarm-form"));
    });

    it(preview ? "does not know the hosts yet" : "expects each host by name and id", async () => {
      const { find } = await run(preview, () => swarmOf(2));
      const resource = find("swarm-form");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.deepEqual(resource.inputs.triggers, ["id-of-manager"]);
      assert.deepEqual(scriptOf(resource), {
        variables: {
          EXPECTED: "manager id-of-manager\nworker-0 id-of-worker-0\nworker-1 id-of-worker-1",
          TIMEOUT: "300",
          NETWORK,
          SUBNET,
          AWAITED: AWAITED_HOSTS,
          OWN: `${HOST_LIBRARY}/id-of-manager`,
        },
        text: script("swarm/form.sh"),
      });
      assertShell(resource);
      assert.ok(!resource.secrets.includes("stdin"));
      for (const host of ["manager", "worker-0", "worker-1"]) {
        assert.ok(find("swarm-form").dependsOn.includes(host), host);
      }
    });

    it("changes when the manager changes", async () => {
      const { result } = await run(preview, () => swarmOf(1));
      const { value, known, secret: isSecret } = await promiseOf(result.id);
      assert.equal(known, !preview);
      assert.equal(isSecret, false);
      if (!preview) assert.equal(value, "id-of-manager");
    });
  });

  describe("swarmSecret", () => {
    const made = (value?: string) =>
      run(preview, () => {
        const swarm = swarmOf(1);
        return swarmSecret(
          "my-secret",
          { swarm, secretName: "token", value: value === undefined ? value : secret(value) },
          swarm,
        );
      });

    it("takes its value on standard input, secret, and logs nothing", async () => {
      const { find } = await made("it's hidden");
      const resource = find("my-secret");
      assertOnManager(resource);
      assert.equal(resource.inputs.logging, "none");
      const { stdin, ...others } = resource.inputs;
      assert.ok(!JSON.stringify(others).includes("hidden"));
      // An unknown value is not marked as secret.
      if (preview) return assert.equal(stdin, UNKNOWN);
      assert.equal(scriptOf(resource).variables.VALUE, "it's hidden");
      assert.ok(resource.secrets.includes("stdin"));
    });

    it("waits for the Swarm", async () => {
      const { find } = await made("x");
      assert.ok(find("my-secret").dependsOn.includes("swarm-form"));
    });

    it("lets the manager generate a missing value", async () => {
      const { find } = await made();
      const resource = find("my-secret");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.equal(scriptOf(resource).variables.VALUE, "");
      assert.equal(resource.inputs.logging, "none");
    });

    it("is created again in another Swarm, and not deleted from a Swarm that is deleted", async () => {
      const { find } = await made("x");
      const resource = find("my-secret");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(resource), {
        variables: { SWARM: "id-of-manager", SECRET: "token", VALUE: "x" },
        text: script("swarm/secret.sh"),
      });
      assertShell(resource);
    });
  });

  describe("SwarmStack", () => {
    const document: ComposeDocument = {
      version: "3.8",
      services: {
        web: {
          image: "nginx:1.27",
          command: ["it's", "$HOME: yes", "no"],
          networks: { [NETWORK]: { aliases: ["web"] } },
          secrets: [{ source: "token", target: "token", uid: "185", mode: 0o400 }],
          deploy: { endpoint_mode: "dnsrr", placement: { constraints: ["node.role == worker"] } },
        },
      },
    };
    const deployed = (args: Partial<ConstructorParameters<typeof SwarmStack>[1]>) =>
      run(preview, () => {
        const swarm = swarmOf(1);
        return new SwarmStack("web", { swarm, stackName: "web", compose: document, ...args });
      });

    it("is a command on the manager, which waits for the Swarm, and another one that undoes it", async () => {
      const { registered, find } = await deployed({});
      const own = registered.filter(({ name }) => name.startsWith("web"));
      assert.deepEqual(
        own.map(({ name, type, parent }) => [name, type, parent]),
        [
          ["web", "spark-swarm:swarm:SwarmStack", ""],
          ["web-deploy", REMOTE, "web"],
          ["web-removal", "command:local:Command", "web"],
        ],
      );
      assertOnManager(find("web-deploy"));
      assert.ok(find("web-deploy").dependsOn.includes("swarm-form"));
      const removal = find("web-removal");
      assert.ok(removal.dependsOn.includes("web-deploy"));
      // Runs nothing on a manager that is deleted too, or that a refresh has removed from the state.
      assert.equal(removal.deletedWith, "swarm-form");
    });

    it("renders a document as YAML", async () => {
      const { find } = await deployed({});
      const resource = find("web-deploy");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.deepEqual(parse(scriptOf(resource).variables.COMPOSE ?? ""), document);
      assert.ok(!resource.secrets.includes("stdin"));
    });

    it("passes the text of a user's file through unchanged", async () => {
      const text = '# comment\nservices:   {web: {image: "a\'b", command: "echo $$HOME"}}\n\n';
      const { find } = await deployed({ compose: text });
      const resource = find("web-deploy");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.equal(scriptOf(resource).variables.COMPOSE, text);
    });

    it("keeps a document secret if it has a secret", async () => {
      const { find } = await deployed({ compose: interpolate`password: ${secret("hidden")}` });
      const resource = find("web-deploy");
      const { stdin, ...others } = resource.inputs;
      assert.ok(!JSON.stringify(others).includes("hidden"));
      if (preview) return assert.equal(stdin, UNKNOWN);
      assert.equal(scriptOf(resource).variables.COMPOSE, "password: hidden");
      assert.ok(resource.secrets.includes("stdin"));
    });

    it("deploys with one script, and removes itself with another", async () => {
      const { find } = await deployed({ stackName: "my-web", timeout: 7 });
      const resource = find("web-deploy");
      const removal = find("web-removal");
      assert.deepEqual(removedBy(removal), {
        variables: { STACK: "my-web" },
        text: script("swarm-stack/remove.sh"),
      });
      assertShell(removal);
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      const { variables, text } = scriptOf(resource);
      const { COMPOSE: _, ...others } = variables;
      assert.deepEqual(others, { SWARM: "id-of-manager", STACK: "my-web", TIMEOUT: "7" });
      assert.equal(text, script("swarm-stack/deploy.sh"));
      assertShell(resource);
    });

    it("gives its services three minutes by default", async () => {
      const { find } = await deployed({});
      const resource = find("web-deploy");
      if (preview) return assert.equal(resource.inputs.stdin, UNKNOWN);
      assert.equal(scriptOf(resource).variables.TIMEOUT, "180");
    });
  });
});
