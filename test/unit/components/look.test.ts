import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AWAITED_HOSTS } from "../../../components/hosts/contract";
import { amazon, instances } from "./aws";
import { digitalOcean, droplets } from "./digitalocean";
import { inPreviewAndUpdate, privateKeyOf } from "./mocks";

const CLOUDS = [
  { cloud: "digitalocean", hosts: droplets, call: digitalOcean(), type: "digitalocean:" },
  { cloud: "aws", hosts: instances, call: amazon(), type: "aws:" },
] as const;

/** The outputs of a complete, or nearly complete, update. */
const outputs = {
  cluster: { manager: { address: "198.51.100.9", port: 2022, hostKey: "ssh-ed25519 AAAA" } },
  privateKey: privateKeyOf("client"),
};

/** A fake OpenSSH client that keeps its input. */
const SSH = `#!/usr/bin/env bash
printf '%s\\n' "$@" >"$FAKE_SSH/arguments"
for argument in "$@"; do
  case $argument in
    IdentityFile=*) stat --format %a "\${argument#*=}" >"$FAKE_SSH/mode"; cp "\${argument#*=}" "$FAKE_SSH/key" ;;
    UserKnownHostsFile=*) cp "\${argument#*=}" "$FAKE_SSH/known-hosts" ;;
  esac
done
cat >"$FAKE_SSH/input"
cat "$FAKE_SSH/answer" 2>/dev/null || exit 255
`;

describe("the check of existing hosts", () => {
  const { PATH } = process.env;
  let folder: string;
  const kept = (name: string) => readFileSync(join(folder, name), "utf8");
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "look-"));
    writeFileSync(join(folder, "ssh"), SSH);
    chmodSync(join(folder, "ssh"), 0o755);
    Object.assign(process.env, { PATH: `${folder}:${PATH}`, FAKE_SSH: folder });
  });
  afterEach(() => {
    process.env.PATH = PATH;
    delete process.env.FAKE_SSH;
    rmSync(folder, { recursive: true });
  });

  for (const { cloud, hosts, call, type } of CLOUDS) {
    describe(cloud, () => {
      inPreviewAndUpdate((preview) => {
        it("asks no host before there is a cluster", async () => {
          const { find, warnings } = await hosts(preview, {}, { call });
          assert.throws(() => kept("arguments"));
          assert.deepEqual(find("lab-worker-0-host-key").inputs.triggers, [""]);
          assert.ok(find("lab-worker-0-host-key").ignoreChanges.includes("triggers"));
          assert.deepEqual(warnings, []);
        });

        it("asks the manager with the keys of the state, and leaves no keys behind", async () => {
          writeFileSync(join(folder, "answer"), "");
          await hosts(preview, {}, { call, outputs });
          const words = kept("arguments").trim().split("\n");
          assert.deepEqual(words.slice(-4), ["-p", "2022", "root@198.51.100.9", "sh -s"]);
          assert.ok(words.includes("StrictHostKeyChecking=yes"));
          assert.equal(kept("known-hosts"), "manager ssh-ed25519 AAAA\n");
          assert.equal(kept("key"), privateKeyOf("client"));
          assert.equal(kept("mode"), "600\n");
          assert.ok(kept("input").startsWith(`AWAITED=${AWAITED_HOSTS}\n#!/bin/sh\n`));
          const [, file = ""] = /IdentityFile=(\S+)/.exec(kept("arguments")) ?? [];
          assert.throws(() => readFileSync(file));
        });

        it("replaces lost machines, and no others", async () => {
          writeFileSync(join(folder, "answer"), "worker-1 i-1\n");
          const { find } = await hosts(preview, { workers: 2 }, { call, outputs });
          const lost = find("lab-worker-1-host-key");
          assert.deepEqual(lost.inputs.triggers, ["i-1"]);
          assert.ok(!lost.ignoreChanges.includes("triggers"));
          assert.ok(find("lab-worker-0-host-key").ignoreChanges.includes("triggers"));
          // A dead machine counts for quotas, and costs money.
          assert.equal(find("lab-worker-1", type).deleteBeforeReplace, true);
          assert.equal(find("lab-worker-0", type).deleteBeforeReplace, false);
        });

        if (preview) {
          it("warns when the manager does not answer", async () => {
            const { warnings, find } = await hosts(preview, {}, { call, outputs });
            assert.match(warnings.join("\n"), /^The manager does not answer, /);
            assert.ok(find("lab-worker-0-host-key").ignoreChanges.includes("triggers"));
          });
        }
      });
    });
  }
});
