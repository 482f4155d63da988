import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { swarmImages } from "../../../components/images/images";
import { LocalImages } from "../../../components/images/local";
import { parseSettings } from "../../../program/settings/settings";
import { problemsOf, pulumiConfig } from "./config";
import { inPreviewAndUpdate, run, scriptOf } from "./mocks";

describe("Python packages of a cluster", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "requirements-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const packagesOf = (pip: unknown) => parseSettings(pulumiConfig({ spark: { pip } })).spark.pip;
  const problemOf = (pip: unknown) => problemsOf(pulumiConfig({ spark: { pip } })).join("\n");
  function requirements(text: string): string {
    const path = join(folder, "requirements.txt");
    writeFileSync(path, text);
    return path;
  }

  for (const line of [
    "polars",
    "statsmodels==0.14.4",
    "requests>=2.31",
    "requests[socks] ~= 2.31 ; python_version < '4'",
    "polars @ https://example.com/polars-1.0-py3-none-any.whl",
  ]) {
    it(`may be ${line}`, () => {
      assert.deepEqual(packagesOf([line]), [line]);
      assert.deepEqual(packagesOf(requirements(line)), [line]);
    });
  }

  it("may be a requirements file, with comments and long lines", () => {
    const text = "# ours\n\npolars==1.0  # fast\nrequests >= 2.31, \\\r\n  < 3\n";
    assert.deepEqual(packagesOf(requirements(text)), ["polars==1.0", "requests >= 2.31,    < 3"]);
  });

  for (const [line, reason] of [
    ["-r other.txt", /Options of pip/],
    ["--index-url https://example.com", /Options of pip.*spark\.pipIndex/],
    ["git+https://example.com/a.git", /the address of an archive/],
    ["a @ git+https://example.com/a.git", /the address of an archive/],
    ["./here", /Each line must be a Python package/],
  ] as const) {
    it(`may not be ${line}`, () => {
      assert.match(problemOf([line]), /^spark\.pip\[0\]: .* a Python package in pip's form/);
      const problem = problemOf(requirements(`polars\n${line}\n`));
      assert.match(problem, /^spark\.pip: .*requirements\.txt" was given; .*It has the line "/);
      assert.match(problem, reason);
    });
  }

  it("names a missing file", () => {
    assert.match(problemOf("missing.txt"), /^spark\.pip: .*There is no file .*\/missing\.txt\./);
    assert.match(problemOf(7), /^spark\.pip: 7 was given; it must be a list of Python packages/);
  });

  it("never repeats the index, which may hold a password", () => {
    const [problem = ""] = problemsOf(pulumiConfig({ spark: { pipIndex: "user:secret@host" } }));
    assert.match(problem, /^spark\.pipIndex: a value was given; it must be the address/);
  });

  inPreviewAndUpdate((preview) => {
    it("go into the image by an argument without the index", async () => {
      const imagesOf = (pipIndex?: string) => {
        const settings = parseSettings({});
        const spark = { ...settings.spark, pip: ['polars ; sys_platform=="linux"'], pipIndex };
        return Object.values(swarmImages({ ...settings, spark }));
      };
      const images = imagesOf("https://user:secret@host/simple");
      assert.deepEqual(
        images.map(({ reference }) => reference),
        imagesOf().map(({ reference }) => reference),
      );
      const { find } = await run(preview, () => new LocalImages("images", { images }));
      if (preview) return;
      const { variables } = scriptOf(find("images-spark"));
      assert.match(variables.ARGS ?? "", /^PIP=\["polars ; sys_platform==\\"linux\\""\]$/m);
      assert.equal(variables.SECRET_ARGS, "PIP_INDEX_URL=https://user:secret@host/simple");
    });
  });
});
