import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { processSpace, startOf } from "../../../cli/pulumi/processes";
import { home } from "../../../cli/pulumi/pulumi";
import { ephemeralConfig, needsAddress } from "../../../cli/stacks/ephemeral-config";
import {
  ephemeralName,
  forgetOwner,
  noteOwner,
  ownerOf,
  parseEphemeralName,
} from "../../../cli/stacks/ephemeral-stacks";

describe("an ephemeral stack's name", () => {
  const made = new Date("2026-11-21T09:30:05Z");

  it("contains its time of creation, and whether its cloud was emulated", () => {
    for (const emulated of [false, true]) {
      const name = ephemeralName(emulated, new Date("2026-11-21T09:30:05.678Z"));
      assert.deepEqual(parseEphemeralName(name), { emulated, made });
    }
    assert.match(ephemeralName(false, made), /^ephemeral-[0-9a-z]{6}-[0-9a-f]{8}$/);
  });

  it("differs from those that users choose", () => {
    for (const name of ["dev", "ephemeral", "ephemeral-test", "my-ephemeral-tovxe5-0a1b2c3d"]) {
      assert.equal(parseEphemeralName(name), undefined);
    }
  });
});

describe("an ephemeral stack's process", () => {
  const name = `test-owner-${process.pid}`;
  const note = (owner: object) => {
    mkdirSync(join(home, "ephemeral"), { recursive: true });
    writeFileSync(join(home, "ephemeral", name), JSON.stringify(owner));
  };
  const own = { pid: process.pid, space: processSpace() };
  afterEach(() => rmSync(join(home, "ephemeral", name), { force: true }));

  it("is known while it runs", async () => {
    await noteOwner(name);
    assert.equal(await ownerOf(name), "running");
    forgetOwner(name);
    assert.equal(await ownerOf(name), "unknown");
  });

  it("does not exist when it has ended", async () => {
    const child = spawn("true");
    const start = await startOf(child.pid ?? 0);
    await once(child, "close");
    note({ ...own, pid: child.pid, start });
    assert.equal(await ownerOf(name), "gone");
  });

  it("is not a later one with the same number", async () => {
    note({ ...own, start: "another time" });
    assert.equal(await ownerOf(name), "gone");
  });

  it("cannot be found from another machine or container", async () => {
    note({ ...own, start: await startOf(process.pid), space: "elsewhere" });
    assert.equal(await ownerOf(name), "unknown");
  });
});

describe("an ephemeral stack's configuration", () => {
  it("needs no other", () => {
    assert.deepEqual(parse(ephemeralConfig(undefined, { cloud: "local", workers: 1 })), {
      config: {
        "spark-swarm:cloud": "local",
        "spark-swarm:lifetime": { ttl: "4h" },
        "spark-swarm:workers": 1,
      },
    });
  });

  it("is its cloud's, with secrets and their salt, except for overrides", () => {
    const file = `
encryptionsalt: v1:abc
config:
  aws:profile: work
  spark-swarm:cloud: aws
  spark-swarm:region: eu-central-1
  spark-swarm:workers: { count: 8, size: r7g.large }
  spark-swarm:lifetime: { idle: 30m, token: { secure: xyz } }
  spark-swarm:access: { allowFrom: [192.0.2.0/24], other: 1 }
`;
    const overrides = { cloud: "aws", workers: 2, allowFrom: ["198.18.0.1/32"], image: "ami-1" };
    assert.deepEqual(parse(ephemeralConfig(file, overrides)), {
      encryptionsalt: "v1:abc",
      config: {
        "aws:profile": "work",
        "spark-swarm:cloud": "aws",
        "spark-swarm:region": "eu-central-1",
        "spark-swarm:workers": { count: 2, size: "r7g.large" },
        "spark-swarm:lifetime": { ttl: "4h", idle: "30m", token: { secure: "xyz" } },
        "spark-swarm:access": { allowFrom: ["198.18.0.1/32"], other: 1 },
        "spark-swarm:image": "ami-1",
      },
    });
  });

  it("keeps its cloud's lifetime and workers", () => {
    const file = 'config: { "spark-swarm:lifetime": { ttl: 1h }, "spark-swarm:workers": 5 }';
    const { config } = parse(ephemeralConfig(file, { cloud: "aws" }));
    assert.deepEqual(config["spark-swarm:lifetime"], { ttl: "1h" });
    assert.equal(config["spark-swarm:workers"], 5);
  });

  it("lacks an address only on a cloud whose file names none", () => {
    assert.equal(needsAddress(undefined, "local"), false);
    assert.equal(needsAddress(undefined, "aws"), true);
    const file = 'config: { "spark-swarm:access": { allowFrom: [198.51.100.7/32] } }';
    assert.equal(needsAddress(file, "aws"), false);
  });
});
