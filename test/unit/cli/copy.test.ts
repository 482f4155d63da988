import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireHostNames, sources, targetBelowData } from "../../../cli/files/data-paths";
import { diskOf, parseDisks } from "../../../cli/status/disks";

describe("copy's target", () => {
  for (const [to, below] of [
    ["/data", ""],
    ["/data/", ""],
    ["/data/a/b/", "a/b"],
    ["/data/a/../b", "b"],
    ["a/b", "a/b"],
    [".", ""],
  ] as const) {
    it(`${to} is ${below || "/data itself"}`, () => assert.equal(targetBelowData(to), below));
  }

  for (const to of [
    "/etc",
    "/database",
    "/data/../etc",
    "../x",
    "/",
    "/data/.incoming-1",
    "a\nb",
  ]) {
    it(`${JSON.stringify(to)} is refused`, () => {
      assert.throws(() => targetBelowData(to), { code: "usage" });
    });
  }
});

describe("copy's files", () => {
  let directory: string;
  const file = (name: string) => join(directory, name);
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "copy-"));
    mkdirSync(file("logs/more"), { recursive: true });
    writeFileSync(file("logs/a"), "1234");
    writeFileSync(file("logs/more/b"), "56");
    writeFileSync(file("c"), "789");
    symlinkSync("c", file("link"));
    symlinkSync("nowhere", file("broken"));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("are measured, directories as a whole, links by their targets", () => {
    assert.deepEqual(sources([file("logs/"), file("c"), file("link")]), [
      { directory, name: "logs", size: 6 },
      { directory, name: "c", size: 3 },
      { directory, name: "link", size: 3 },
    ]);
  });

  it("must all exist; every missing one is named", () => {
    assert.throws(() => sources([file("c"), "no-such", file("broken")]), {
      code: "missingFile",
      message: /There is no file no-such here\.\n.*broken is a broken link\./,
    });
  });

  it("must not have names that hosts cannot accept", () => {
    const named = (name: string) => requireHostNames([{ directory, name, size: 0 }]);
    assert.throws(() => named(".complete"), { code: "usage", message: /is reserved/ });
    assert.throws(() => named("a\nb"), { code: "usage", message: /line break/ });
    assert.doesNotThrow(() => named("a b"));
  });

  it("must not have the same name", () => {
    assert.throws(() => sources([file("c"), file("logs/../c")]), {
      code: "usage",
      message: /have the name c/,
    });
  });
});

describe("a host's disks", () => {
  const disks = parseDisks("/ 1000 100\n/data 5000 4000\n/mnt/a b 10 1\n");

  it("are read", () => {
    assert.deepEqual(disks[2], { mount: "/mnt/a b", size: 10, free: 1 });
  });

  it("are found by path", () => {
    assert.equal(diskOf("/data", disks)?.mount, "/data");
    assert.equal(diskOf("/data/x", disks)?.mount, "/data");
    assert.equal(diskOf("/database", disks)?.mount, "/");
  });
});
