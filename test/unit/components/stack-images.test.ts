import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoadedImages } from "../../../components/images/loaded";
import { imageToBuild } from "../../../program/stack-images";
import { fakeHosts, inPreviewAndUpdate, run, scriptOf, UNKNOWN } from "./mocks";
import { runScript, succeeds } from "./shell";

describe("images that Compose files build", () => {
  let folder: string;
  const context = (name: string) => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "builds-"));
    for (const name of ["app", "My App", "empty"]) mkdirSync(context(name));
    writeFileSync(join(context("app"), "Dockerfile"), "ARG BASE=python:3.12\nFROM $BASE\n");
    writeFileSync(join(context("My App"), "Dockerfile"), "FROM debian\n");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("have the folder's name, and a digest of their inputs", () => {
    const image = imageToBuild({ context: context("app"), args: { A: "b" } });
    assert.match(image.reference, /^manager:5000\/app:[0-9a-f]{12}$/);
    assert.deepEqual([image.args, image.base], [{ A: "b" }, "python:3.12"]);
    const other = imageToBuild({ context: context("app"), args: { A: "c" } });
    assert.notEqual(other.reference, image.reference);
    assert.equal(imageToBuild({ context: context("app"), args: { BASE: "x" } }).base, "x");
  });

  for (const [name, dockerfile, message] of [
    ["no-such", undefined, /there is no folder \S+no-such/],
    ["empty", undefined, /there is no file \S+empty\/Dockerfile/],
    ["app", "other.Dockerfile", /other\.Dockerfile was given; the file must be called Dockerfile/],
    ["My App", undefined, /My App cannot be the name of an image/],
  ] as const) {
    it(`${name} ${dockerfile ?? ""} is refused`, () => {
      const build = { context: context(name), args: {}, ...(dockerfile && { dockerfile }) };
      assert.throws(() => imageToBuild(build), message);
    });
  }

  inPreviewAndUpdate((preview) => {
    it("are built here and loaded into each local host, and again into a new host", async () => {
      const image = imageToBuild({ context: context("app"), args: {} });
      const { find, registered } = await run(
        preview,
        () => new LoadedImages("built", { hosts: fakeHosts(1), images: [image] }),
      );
      const own = registered.filter(({ name }) => name.startsWith("built-"));
      const build = `built-${image.reference.replace("manager:5000/", "").replace(":", "-")}`;
      assert.deepEqual(
        own.map(({ name }) => name),
        [build, "built-manager", "built-worker-0"].sort(),
      );
      assert.ok(find("built-worker-0").dependsOn.includes(build));
      assert.equal(scriptOf(find(build)).variables.CONTEXT, context("app"));
      const load = find("built-worker-0");
      if (preview) return assert.equal(load.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(load).variables, {
        IMAGES: image.reference,
        HOST: "id-of-worker-0",
      });
    });
  });

  it("are not loaded again into a host that has them", () => {
    const variables = { IMAGES: "manager:5000/a:1 manager:5000/b:2", HOST: "h" };
    const { calls } = succeeds(
      runScript("images/load.sh", variables, [
        { when: "exec h docker image inspect manager:5000/b:2", status: 1, times: 1 },
      ]),
    );
    assert.deepEqual(calls.filter((call) => /^save|load/.test(call)).sort(), [
      "exec --interactive h docker load --quiet",
      "save manager:5000/b:2",
    ]);
  });
});
