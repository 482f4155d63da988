import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ComponentResource, output } from "@pulumi/pulumi";
import type { BootstrapAction } from "../../../components/hosts/bootstrap";
import { HOST_LIBRARY } from "../../../components/hosts/bootstrap";
import { hostKeys } from "../../../components/hosts/keys";
import { managerOf, publicly } from "../../../components/hosts/manager";
import {
  fakeHosts,
  type Inputs,
  inPreviewAndUpdate,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";

inPreviewAndUpdate((preview) => {
  describe("a manager", () => {
    const made = (actions: BootstrapAction[] = []) =>
      run(preview, () => {
        const parent = new ComponentResource("test:index:Hosts", "lab");
        const [host] = fakeHosts(1).workers;
        assert.ok(host);
        const where = publicly(output("198.51.100.100"));
        const keys = hostKeys("lab", 0, parent);
        return managerOf("lab", host, where, { keys, actions }, parent);
      });

    it("is open to users on the usual ports", async () => {
      const { result } = await made();
      assert.equal((await promiseOf(result.ssh.port)).value, 22);
      assert.equal((await promiseOf(result.bastion.port)).value, 2222);
    });

    it("accepts root with the client's key, and its host key is pinned", async () => {
      const { find } = await made();
      const { inputs, secrets } = find("lab-manager-boot");
      // An unknown value is not marked as secret.
      if (preview) return assert.equal(inputs.connection, UNKNOWN);
      assert.ok(secrets.includes("connection"));
      const { host, port, user, privateKey, hostKey } = inputs.connection as Inputs;
      assert.deepEqual([host, port, user], ["198.51.100.100", 22, "root"]);
      assert.equal(privateKey, privateKeyOf("lab-client-key"));
      assert.equal(hostKey, publicKeyOf("lab-manager-host-key"));
    });

    it("changes with its machine", async () => {
      const { triggers } = (await made()).find("lab-manager-boot").inputs;
      assert.deepEqual(triggers, [preview ? UNKNOWN : "id-of-worker-0"]);
    });

    it("is awaited while it boots, longer than once it has answered", async () => {
      const { find, result } = await made();
      const { connection } = find("lab-manager-boot").inputs;
      const { value: later, known } = await promiseOf(output(result.connection));
      assert.equal(known, !preview);
      if (preview) return assert.equal(connection, UNKNOWN);
      const { dialErrorLimit, ...others } = connection as Inputs;
      assert.ok(Number(dialErrorLimit) > Number(later.dialErrorLimit));
      assert.deepEqual({ ...others, dialErrorLimit: later.dialErrorLimit }, later);
    });

    it("is awaited again after a replacement, but not when it is deleted", async () => {
      const { find } = await made();
      const boot = find("lab-manager-boot");
      assert.deepEqual([boot.parent, boot.inputs.delete], ["lab", undefined]);
      if (preview) return assert.equal(boot.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(boot), {
        variables: { LIBRARY: HOST_LIBRARY, MANAGER: "id-of-worker-0", BOOTSTRAP: "" },
        text: readFileSync(join(__dirname, "../../../components/hosts/booted.sh"), "utf8"),
      });
    });

    it("gets the user's actions, which stay secret", async () => {
      const run = join(__dirname, "fixtures/bin/docker");
      const { find } = await made([{ run, on: "workers", args: ["it's", "$HOME"] }]);
      const boot = find("lab-manager-boot");
      if (preview) return assert.equal(boot.inputs.stdin, UNKNOWN);
      assert.ok(boot.secrets.includes("stdin"));
      const text = readFileSync(run).toString("base64");
      assert.ok(
        scriptOf(boot).variables.BOOTSTRAP?.endsWith(
          `\naction '1' 'docker' 'workers' '${text}' 'it'\\''s' '$HOME'`,
        ),
      );
    });
  });
});
