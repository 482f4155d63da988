import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { output } from "@pulumi/pulumi";
import { userData } from "../../../components/hosts/user-data";
import { LocalImages } from "../../../components/images/local";
import { privateKeyOf, promiseOf, publicKeyOf, run } from "./mocks";

const script = readFileSync(join(__dirname, "../../../components/hosts/user-data.sh"), "utf8");

const common = {
  NAME: "it's $(a) `host`",
  // Not marked as secret: the user data is always secret.
  HOST_KEY: privateKeyOf("host"),
  AUTHORIZED_KEY: output(publicKeyOf("client")),
  HOST_CPUS: "2",
  HOST_MEMORY_MB: "4096",
};
const rendered = {
  manager: () => userData("manager", { ...common, JOIN_PUBLIC_KEY: publicKeyOf("join") }),
  worker: () =>
    userData("worker", {
      ...common,
      JOIN_KEY: privateKeyOf("join"),
      MANAGER: "manager.example",
      MANAGER_HOST_KEY: publicKeyOf("manager"),
    }),
};

function sh(command: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

for (const role of ["manager", "worker"] as const) {
  describe(`user data of a ${role}`, () => {
    let text: string;
    before(async () => {
      text = (await promiseOf(rendered[role]())).value;
    });

    it("is secret", async () => {
      assert.equal((await promiseOf(rendered[role]())).secret, true);
    });

    it("is a script: its variables, then the same text for all", () => {
      assert.ok(text.startsWith(`#!/usr/bin/env bash\nROLE='${role}'\n`), text.slice(0, 80));
      assert.ok(text.endsWith(`'\n${script}`));
    });

    it("is valid bash", () => {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
      assert.equal(status, 0, stderr);
    });

    it("has its variables unchanged", () => {
      const expected: Record<string, string> = {
        ROLE: role,
        NAME: common.NAME,
        HOST_KEY: privateKeyOf("host"),
        AUTHORIZED_KEY: publicKeyOf("client"),
        HOST_CPUS: "2",
        HOST_MEMORY_MB: "4096",
        ...(role === "manager"
          ? { JOIN_PUBLIC_KEY: publicKeyOf("join") }
          : {
              JOIN_KEY: privateKeyOf("join"),
              MANAGER: "manager.example",
              MANAGER_HOST_KEY: publicKeyOf("manager"),
            }),
      };
      const head = text.slice(0, -script.length);
      const print = Object.keys(expected).map((name) => `printf '%s\\0' "$${name}"`);
      const values = sh(`set -u\n${head}\n${print.join("\n")}`)
        .split("\0")
        .slice(0, -1);
      assert.deepEqual(values, Object.values(expected));
      // No others: a variable that the script does not read is a typo.
      const assigned = [...head.matchAll(/^([A-Z_]+)='/gm)].map(([, name]) => name);
      assert.deepEqual(assigned, Object.keys(expected));
    });

    it("reads no variable that it does not get", () => {
      // Only clouds set the first two; sshd sets the others.
      const optional = ["PRIVATE_RANGE", "SPOT", "SSH_ORIGINAL_COMMAND", "SSH_CONNECTION"];
      const others =
        role === "manager" ? ["JOIN_KEY", "MANAGER", "MANAGER_HOST_KEY"] : ["JOIN_PUBLIC_KEY"];
      const read = [...script.matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name = ""]) => name);
      for (const name of new Set(read)) {
        if (optional.includes(name) || others.includes(name)) continue;
        assert.ok(text.includes(`\n${name}='`), name);
      }
    });
  });
}

describe("user data on EC2", () => {
  const key = (): { publicKey: string; privateKey: string } => {
    const script = join(__dirname, "../../../components/ssh-key.sh");
    const [publicKey = "", ...lines] = sh(readFileSync(script, "utf8")).split("\n");
    return { publicKey, privateKey: lines.join("\n") };
  };

  it("is within the limit of 16 KiB, with keys of their real size", async () => {
    const [host, client, joining, manager] = [key(), key(), key(), key()];
    const { value } = await promiseOf(
      userData("worker", {
        NAME: "worker-99",
        HOST_KEY: host.privateKey,
        AUTHORIZED_KEY: client.publicKey,
        HOST_CPUS: "192",
        HOST_MEMORY_MB: "1572864",
        PRIVATE_RANGE: "255.255.255.255/32",
        JOIN_KEY: joining.privateKey,
        MANAGER: "255.255.255.255",
        MANAGER_HOST_KEY: manager.publicKey,
        SPOT: "yes",
      }),
    );
    const bytes = Buffer.byteLength(value);
    assert.ok(bytes > 2 * 350 + script.length, "these are no real keys");
    // docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html: in raw form, before it is encoded.
    assert.ok(bytes <= 16_384, `${bytes} bytes`);
  });
});

describe("user data in a preview", () => {
  it("does not wait for an unknown value", async () => {
    const { result } = await run(true, () => {
      const { host } = new LocalImages("images", { images: [] });
      return userData("manager", { ...common, JOIN_PUBLIC_KEY: host });
    });
    const { known, secret: isSecret } = await promiseOf(result);
    assert.equal(known, false);
    assert.equal(isSecret, true);
  });
});
