import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, formatSums, parseSums, sumsOf } from "../../../cli/files/notebooks";

describe("notebooks that are copied", () => {
  const saved = new Map([["./a", "1"]]);
  const of = (sum?: string) => new Map(sum === undefined ? [] : [["./a", sum]]);
  for (const [what, from, to, outcome] of [
    ["new ones", "1", undefined, "copied"],
    ["those that are the same", "2", "2", "left"],
    ["those that were changed where they come from", "2", "1", "copied"],
    ["those that were changed where they go", "1", "2", "left"],
    ["those that were changed on both sides", "2", "3", "refused"],
  ] as const) {
    it(`${what} are ${outcome}`, () => {
      const { copied, conflicts } = compare(of(from), of(to), saved);
      assert.deepEqual(copied, outcome === "copied" ? ["./a"] : []);
      assert.deepEqual(conflicts, outcome === "refused" ? ["./a"] : []);
    });
  }

  it("those that differ and were never copied are refused", () => {
    assert.deepEqual(compare(of("1"), of("2"), new Map()).conflicts, ["./a"]);
  });
});

describe("a folder of notebooks", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "notebooks-"));
    mkdirSync(join(folder, "deep/.ipynb_checkpoints"), { recursive: true });
    mkdirSync(join(folder, "metastore_db"));
    for (const name of ["a b.ipynb", "deep/c\nd", "deep/.ipynb_checkpoints/x", "derby.log", ".~a"])
      writeFileSync(join(folder, name), "text");
    writeFileSync(join(folder, "metastore_db/log"), "text");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is known by checksums, without what Jupyter and Spark leave there", () => {
    const sum = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1";
    const sums = sumsOf(folder);
    assert.deepEqual([...sums].sort(), [
      ["./a b.ipynb", sum],
      ["./deep/c\nd", sum],
    ]);
    assert.deepEqual(parseSums(formatSums(sums)), sums);
  });

  it("has none if it does not exist", () => assert.equal(sumsOf(join(folder, "no")).size, 0));

  it("has the same checksums in the manager's program", () => {
    const script = join(__dirname, "../../../components/notebook/notebooks.sh");
    const text = readFileSync(script, "utf8");
    for (const name of [".ipynb_checkpoints", "metastore_db", "spark-warehouse", "derby.log"]) {
      assert.ok(text.includes(name), name);
    }
  });
});
