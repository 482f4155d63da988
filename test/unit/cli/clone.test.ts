import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { cloneConfig, type SizeWishes } from "../../../cli/stacks/clone-config";
import { CLOUD_NAMES, type CloudName, clouds } from "../../../program/clouds";

const secure = { secure: "v1:abc:def" };

/** The settings of a clone, without the project's name. */
function clone(config: Record<string, unknown>, cloud?: CloudName, sizes?: SizeWishes) {
  const prefixed = Object.entries(config).map(([name, value]) => [
    name.includes(":") ? name : `spark-swarm:${name}`,
    value,
  ]);
  const text = stringify({ encryptionsalt: "v1:x", config: Object.fromEntries(prefixed) });
  const made = cloneConfig(text, { target: "big", cloud, sizes });
  const file = parse(made.text) as { encryptionsalt: string; config: Record<string, unknown> };
  assert.equal(file.encryptionsalt, "v1:x");
  const settings = Object.entries(file.config).map(([name, value]) => [
    name.replace("spark-swarm:", ""),
    value,
  ]);
  return { ...made, unchanged: made.text === text, config: Object.fromEntries(settings) };
}

describe("a clone's settings", () => {
  it("are the same on the same cloud", () => {
    const config = { cloud: "aws", workers: { size: "odd" }, s3: { secretKey: secure } };
    for (const cloud of [undefined, "aws" as const]) {
      const { unchanged, notes, missing } = clone(config, cloud);
      assert.deepEqual([unchanged, notes, missing], [true, [], []]);
    }
  });

  it("get the other cloud's sizes with as much, and keep secrets as they are", () => {
    const workers = { count: 4, cpus: "1.5", memory: 6000 };
    const { config, notes, missing } = clone(
      { workers, manager: { memory: 4096 }, s3: { secretKey: secure }, notebook: true },
      "aws",
    );
    assert.deepEqual(config, {
      cloud: "aws",
      workers: { count: 4, size: "t3.large" },
      manager: { size: "t3.medium" },
      s3: { secretKey: secure },
      notebook: true,
    });
    assert.deepEqual(notes, [
      "workers: size t3.large, instead of cpus 1.5, memory 6000",
      "manager: size t3.medium, instead of memory 4096",
    ]);
    assert.deepEqual(missing, [
      "pulumi config set --stack big --path 'access.allowFrom[0]' ADDRESS/32",
    ]);
  });

  it("leave out settings that only the former cloud has, with a note", () => {
    const { config, notes, missing } = clone(
      {
        cloud: "aws",
        region: "eu-central-1",
        image: "ami-1",
        workers: { count: 2, size: "t3.medium", disk: 50, spot: true },
        access: { allowFrom: ["198.51.100.7"] },
        aws: { buckets: ["b"] },
        "aws:profile": "work",
        budget: { maxHourly: 1 },
      },
      "digitalocean",
    );
    assert.deepEqual(config, {
      cloud: "digitalocean",
      workers: { count: 2, size: "s-2vcpu-4gb" },
      access: { allowFrom: ["198.51.100.7"] },
      budget: { maxHourly: 1 },
    });
    assert.deepEqual(missing, []);
    const left = notes
      .filter((note) => note.includes("left out"))
      .map((note) => note.split(":")[0]);
    assert.deepEqual(left.sort(), [
      "aws",
      "aws",
      "image",
      "region",
      "workers.disk",
      "workers.spot",
    ]);
  });

  it("have no addresses, prices and tokens on this machine", () => {
    const { config } = clone(
      {
        cloud: "digitalocean",
        workers: '{"count": 1, "size": "s-1vcpu-1gb"}',
        access: { allowFrom: ["198.51.100.7"] },
        budget: { maxHourly: 1 },
        lifetime: { ttl: "8h", token: secure },
      },
      "local",
    );
    assert.deepEqual(config, {
      cloud: "local",
      workers: { count: 1, cpus: 1, memory: 2048 },
      lifetime: { ttl: "8h" },
    });
  });

  it("have no key that the new cloud lacks", () => {
    for (const from of CLOUD_NAMES) {
      for (const to of CLOUD_NAMES) {
        const { shape } = clouds[to].schema;
        const own = Object.keys(clouds[from].schema.shape).filter((name) => !(name in shape));
        const given = Object.fromEntries(own.map((name) => [name, "x"]));
        assert.deepEqual(clone({ ...given, cloud: from }, to).config, { cloud: to });
      }
    }
  });

  it("use the new cloud's default size if none was set", () => {
    assert.deepEqual(clone({ workers: 3 }, "aws").config, { cloud: "aws", workers: 3 });
    for (const workers of [3, "3"]) {
      const { config, notes } = clone({ workers }, "aws", { workers: "t3.large" });
      assert.deepEqual(config.workers, { count: 3, size: "t3.large" });
      assert.deepEqual(notes, ["workers: size t3.large"]);
    }
  });

  it("require and accept a size that cannot be computed", () => {
    const odd = { cloud: "aws", workers: { count: 3, size: "p5.48xlarge" } };
    assert.throws(() => clone(odd, "local"), {
      code: "usage",
      message:
        "workers (size p5.48xlarge): this size is not known here. Set its size on local with --workers-size: CPUSxMB, such as 2x4096.",
    });
    const local = clone(odd, "local", { workers: "2x4096", manager: "2x3072" }).config;
    assert.deepEqual(local.workers, { count: 3, cpus: 2, memory: 4096 });
    assert.deepEqual(local.manager, { cpus: 2, memory: 3072 });
    assert.throws(
      () => clone(odd, "local", { workers: "large" }),
      /--workers-size large: on local/,
    );
    const huge = { workers: { cpus: 96, memory: 2048 } };
    assert.throws(() => clone(huge, "aws"), /no known size is large enough.*--workers-size/);
    const named = clone(huge, "aws", { workers: "m7i.24xlarge" }).config;
    assert.deepEqual(named.workers, { size: "m7i.24xlarge" });
  });
});

describe("sizes of clouds", () => {
  it("are known by their names", () => {
    const known = (cloud: "aws" | "digitalocean", name: string) => {
      const { cpus, memory } = clouds[cloud].sizes.sizeOf("workers", { size: name }) ?? {};
      return [cpus, memory && memory / 1024];
    };
    assert.deepEqual(known("digitalocean", "s-2vcpu-4gb-amd"), [2, 4]);
    assert.deepEqual(known("digitalocean", "c-2"), [undefined, undefined]);
    assert.deepEqual(known("aws", "t4g.xlarge"), [4, 16]);
    assert.deepEqual(known("aws", "c7g.large"), [2, 4]);
    assert.deepEqual(known("aws", "m7i.xlarge"), [4, 16]);
    assert.deepEqual(known("aws", "r7g.4xlarge"), [16, 128]);
    assert.deepEqual(known("aws", "m1.small"), [undefined, undefined]);
  });

  it("fit the request", () => {
    for (const { sizes } of Object.values(clouds)) {
      for (const asked of [
        { cpus: 1, memory: 2048 },
        { cpus: 0.5, memory: 3072 },
        { cpus: 4, memory: 8192 },
        { cpus: 2, memory: 12000 },
      ]) {
        const found = sizes.sizeOf("workers", sizes.fitting(asked) ?? {});
        assert.ok(found && found.cpus >= asked.cpus && found.memory >= asked.memory);
      }
    }
  });
});
