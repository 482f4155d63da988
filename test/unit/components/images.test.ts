import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type SwarmImages,
  type SwarmImagesArgs,
  swarmImages,
} from "../../../components/images/images";
import { LocalImages } from "../../../components/images/local";
import type { TableFormat } from "../../../components/spark/tables";
import { parseSettings } from "../../../program/settings/settings";
import { pulumiConfig } from "./config";
import { filesBelow } from "./files";
import { inPreviewAndUpdate, promiseOf, run, scriptOf, UNKNOWN } from "./mocks";

const ROOT = join(__dirname, "../../..");
const images = Object.values(swarmImages(parseSettings({})));
const CHILDREN = ["images-bastion", "images-host", "images-seed", "images-spark"];

describe("LocalImages", () => {
  inPreviewAndUpdate((preview) => {
    it("builds each image and then the seed", async () => {
      const { registered, find } = await run(preview, () => new LocalImages("images", { images }));
      assert.deepEqual(
        registered.map(({ name, type, parent }) => [name, type, parent]),
        [
          ["images", "spark-swarm:images:LocalImages", ""],
          ...CHILDREN.map((name) => [name, "command:local:Command", "images"]),
        ],
      );
      assert.deepEqual(find("images-seed").dependsOn, [
        "images-bastion",
        "images-host",
        "images-spark",
      ]);
    });

    it("passes the build's inputs as variables", async () => {
      const { find } = await run(preview, () => new LocalImages("images", { images }));
      for (const [image, repository] of [
        ["host", "spark-swarm"],
        // Other hosts of the Swarm pull them from there.
        ["spark", "manager:5000"],
        ["bastion", "manager:5000"],
      ] as const) {
        const command = find(`images-${image}`);
        const { variables, text } = scriptOf(command);
        assert.deepEqual(Object.keys(variables), [
          ...["IMAGE", "BASE", "ARGS", "SECRET_ARGS", "EXTRA_CA", "CONTEXT", "ARCHIVE"],
        ]);
        assert.match(variables.IMAGE ?? "", new RegExp(`^${repository}/${image}:[0-9a-f]{12}$`));
        assert.equal(variables.CONTEXT, join(ROOT, "images", image));
        assert.equal(variables.BASE, "debian:bookworm-slim");
        assert.equal(variables.ARCHIVE, "");
        assert.equal(text, readFileSync(join(ROOT, "components/images/build.sh"), "utf8"));
        assert.deepEqual(command.ignoreChanges, []);
      }
      const { variables, text } = scriptOf(find("images-seed"));
      assert.deepEqual(Object.keys(variables), ["SEED", "HOST_IMAGE", "IMAGES"]);
      assert.match(variables.SEED ?? "", /^spark-swarm-seed-[0-9a-f]{12}$/);
      assert.equal(variables.HOST_IMAGE, scriptOf(find("images-host")).variables.IMAGE);
      assert.equal(variables.IMAGES, images.map(({ reference }) => reference).join(" "));
      assert.equal(text, readFileSync(join(ROOT, "components/images/seed.sh"), "utf8"));
    });

    it(preview ? "does not know them yet" : "returns what it built", async () => {
      const { result, find } = await run(preview, () => new LocalImages("images", { images }));
      const host = scriptOf(find("images-host")).variables;
      const seed = scriptOf(find("images-seed")).variables;
      const outputs = [await promiseOf(result.host), await promiseOf(result.seed)];
      assert.deepEqual(
        outputs.map(({ known }) => known),
        [!preview, !preview],
      );
      if (!preview) {
        assert.deepEqual(
          outputs.map(({ value }) => value),
          [host.IMAGE, seed.SEED],
        );
      }
      assert.ok(!JSON.stringify([host, seed]).includes(UNKNOWN));
    });
  });
});

describe("references to images", () => {
  let copy: string;
  before(() => {
    copy = mkdtempSync(join(tmpdir(), "images-"));
    for (const folder of ["components", "images"]) {
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  });
  after(() => rmSync(copy, { recursive: true }));

  const referencesOf = (all: SwarmImages): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([name, { reference }]) => [name, reference]));

  /** The references that a program in the copy would get now. */
  function references(): Record<string, string> {
    const path = join(copy, "components/images/images.ts");
    delete require.cache[path];
    const module: typeof import("../../../components/images/images") = require(path);
    return {
      ...referencesOf(module.swarmImages(parseSettings({}))),
      host: module.hostImage().reference,
      registry: module.registryImage().reference,
      seed: module.seedOf(Object.values(module.swarmImages(parseSettings({})))),
    };
  }

  function changed(before: Record<string, string>, after: Record<string, string>): string[] {
    return Object.keys(before).filter((name) => before[name] !== after[name]);
  }

  it("are the same in another folder", () => {
    const copied = references();
    assert.deepEqual(
      { spark: copied.spark, bastion: copied.bastion },
      referencesOf(swarmImages(parseSettings({}))),
    );
  });

  for (const [image, expected] of [
    ["spark", ["spark", "seed"]],
    ["bastion", ["bastion", "seed"]],
    ["host", ["host", "seed"]],
    ["registry", ["registry"]],
  ] as const) {
    for (const file of filesBelow(join(ROOT, "images", image))) {
      it(`change with images/${image}/${file}, and no other's do`, async () => {
        const before = references();
        writeFileSync(join(copy, "images", image, file), "# changed\n", { flag: "a" });
        assert.deepEqual(changed(before, references()), expected);
        assert.deepEqual(changed(references(), references()), []);
      });
    }

    it(`change with a new file in images/${image}`, () => {
      const before = references();
      writeFileSync(join(copy, "images", image, "new"), "");
      assert.deepEqual(changed(before, references()), expected);
    });
  }

  it("Spark's has a client of the SQL server if there is one", () => {
    const pipOf = (settings: Record<string, unknown>) =>
      swarmImages(parseSettings(pulumiConfig(settings))).spark.args.PIP ?? "";
    assert.equal(pipOf({}), "[]");
    assert.match(pipOf({ storage: "hdfs", sql: true }), /"PyHive==\d/);
  });

  it("Spark's has the library of its table format, next to the user's", () => {
    const settings = parseSettings({});
    const packagesOf = (tables?: TableFormat) => {
      const spark = { ...settings.spark, packages: ["org.example:mine:1"], tables };
      return swarmImages({ ...settings, spark }).spark.args.PACKAGES;
    };
    assert.equal(packagesOf("parquet"), "org.example:mine:1");
    assert.equal(packagesOf(), "org.example:mine:1");
    assert.match(packagesOf("iceberg") ?? "", /^org\.example:mine:1,[^,]*iceberg[^,]*$/);
    assert.match(packagesOf("delta") ?? "", /^org\.example:mine:1,[^,]*delta-spark[^,]*$/);
  });

  it("Livy's changes with its archive, and with Spark's, its base", () => {
    const archive = join(copy, "livy.zip");
    const reference = (livy: SwarmImagesArgs["livy"], packages: string[] = []) => {
      const settings = parseSettings({});
      const spark = { ...settings.spark, packages };
      const images = swarmImages({ ...settings, spark, livy });
      assert.equal(images.livy?.base, images.spark.reference);
      return images.livy?.reference;
    };
    const references = new Set([
      reference({}),
      reference({}, ["io.delta:delta-spark_2.12:3.2.1"]),
      ...["one", "another"].map((content) => {
        writeFileSync(archive, content);
        return reference({ archive });
      }),
    ]);
    assert.equal(references.size, 4);
    assert.ok(references.has(reference({ archive })));
  });

  it("include files' names as well as their content", () => {
    const before = references();
    cpSync(join(copy, "images/bastion/new"), join(copy, "images/bastion/newer"));
    rmSync(join(copy, "images/bastion/new"));
    assert.deepEqual(changed(before, references()), ["bastion", "seed"]);
  });
});
