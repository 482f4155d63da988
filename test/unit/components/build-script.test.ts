import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fails, type Rule, runScript, succeeds } from "./shell";

describe("images/build.sh", () => {
  const build = (rules: Rule[], more: Record<string, string> = {}) =>
    runScript(
      "images/build.sh",
      { IMAGE: "spark:1", CONTEXT: __dirname, BASE: "debian", ...more },
      rules,
    );
  const isMissing = { when: "image inspect spark:1", status: 1 };
  const others = { when: "*" };

  it("builds nothing if the image exists", () => {
    const { calls } = succeeds(build([others]));
    assert.deepEqual(calls, ["image inspect spark:1"]);
  });

  it("builds from a folder and a base", () => {
    const { calls } = succeeds(build([isMissing, others]));
    const [last] = calls.slice(-1);
    assert.match(last ?? "", /^build .* --build-arg BASE=debian .* --tag spark:1 \S+components$/);
  });

  it("builds with each argument, and with an archive next to the folder's files", () => {
    const folder = mkdtempSync(join(tmpdir(), "build-"));
    try {
      const archive = join(folder, "some.zip");
      writeFileSync(archive, "content");
      const more = { ARGS: "A=1\nB=2 3", EXTRA_CA: "certificate", ARCHIVE: archive };
      const { calls } = succeeds(build([isMissing, others], more));
      const [last = ""] = calls.slice(-1);
      assert.match(last, /EXTRA_CA=certificate --build-arg A=1 --build-arg B=2 3 --tag spark:1 /);
      assert.ok(!last.endsWith(__dirname), last);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("needs a base that exists or can be pulled", () => {
    const rules = [isMissing, { when: "image inspect debian", status: 1 }];
    const { stderr } = fails(build([...rules, { when: "pull *", status: 1 }, others]));
    assert.match(stderr, /The base image debian is not here and cannot be pulled/);
  });
});
