import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { parseSettings } from "../../../program/settings/settings";

const root = resolve(__dirname, "../../..");
const files = readdirSync(join(root, "config"));
const PREFIX = "spark-swarm:";

describe("the stacks' files", () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "stack-files-"));
    for (const path of ["config", "scripts/setup/stack-files", ".gitignore", "Pulumi.yaml"]) {
      cpSync(join(root, path), join(clone, path), { recursive: true });
    }
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "all", "--no-verify");
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  function git(...args: string[]): string {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
    return execFileSync("git", ["-C", clone, ...identity, ...args], { encoding: "utf8" });
  }
  const put = () => execFileSync(join(clone, "scripts/setup/stack-files"));
  const read = (path: string) => readFileSync(join(clone, path), "utf8");

  it("are in the repository: one of this machine, and one of each cloud", () => {
    assert.deepEqual(files, ["Pulumi.aws.yaml", "Pulumi.dev.yaml", "Pulumi.digitalocean.yaml"]);
    assert.deepEqual(
      git("ls-files", "config").trim().split("\n"),
      files.map((file) => `config/${file}`),
    );
  });

  for (const file of files) {
    it(`are ready except for the user's own settings: ${file}`, () => {
      const { config, ...others } = parse(readFileSync(join(root, "config", file), "utf8"));
      assert.deepEqual(others, {});
      const values = Object.entries(config as Record<string, unknown>).map(([key, value]) => {
        assert.ok(key.startsWith(PREFIX), key);
        const text = typeof value === "object" ? JSON.stringify(value) : `${value}`;
        return [key.slice(PREFIX.length), text];
      });
      const settings = Object.fromEntries(values);
      const [, stack = ""] = file.split(".");
      assert.equal(settings.cloud, stack === "dev" ? "local" : stack);
      const own = stack === "dev" ? {} : { access: '{"allowFrom": ["198.51.100.7/32"]}' };
      assert.doesNotThrow(() => parseSettings({ ...settings, ...own }));
    });
  }

  it("are copied to where Pulumi looks for them, and Git ignores what it writes there", () => {
    put();
    for (const file of files) {
      assert.equal(read(file), read(`config/${file}`));
      appendFileSync(join(clone, file), "encryptionsalt: v1:abc\n");
    }
    writeFileSync(join(clone, "Pulumi.my-own.yaml"), "encryptionsalt: v1:abc\n");
    assert.equal(git("status", "--porcelain"), "");
    writeFileSync(join(clone, "config/Pulumi.new.yaml"), "config: {}\n");
    assert.equal(git("status", "--porcelain"), "?? config/Pulumi.new.yaml\n");
  });

  it("do not overwrite existing ones", () => {
    writeFileSync(join(clone, "Pulumi.aws.yaml"), "config: {}\n");
    put();
    put();
    assert.equal(read("Pulumi.aws.yaml"), "config: {}\n");
    assert.equal(read("Pulumi.dev.yaml"), read("config/Pulumi.dev.yaml"));
  });
});
