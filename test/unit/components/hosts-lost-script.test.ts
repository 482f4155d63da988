import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScript, succeeds } from "./shell";

describe("program/lost-hosts.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lost-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  /** @param living ids of the instances that are not down for the manager */
  function lost(awaited: string[] | undefined, living: string[]): string {
    const file = join(folder, "hosts");
    if (awaited) writeFileSync(file, awaited.map((line) => `${line}\n`).join(""));
    const rules = [
      { when: "node ls --quiet", answer: "n1\nn2\n" },
      {
        when: 'node inspect --format *ne .Status.State "down"* n1 n2',
        answer: living.map((id) => `${id}\n`).join(""),
      },
    ];
    const ended = succeeds(runScript("../program/lost-hosts.sh", { AWAITED: file }, rules));
    assert.equal(ended.stderr, "");
    return ended.stdout;
  }
  const awaited = ["manager m1", "worker-0 w0", "worker-1 w1"];

  it("names only workers that are down or not nodes", () => {
    assert.equal(lost(awaited, ["m1", "w0", "w1"]), "");
    assert.equal(lost(awaited, ["m1", "w0", "", "w11"]), "worker-1 w1\n");
    assert.equal(lost(awaited, ["m1"]), "worker-0 w0\nworker-1 w1\n");
  });

  it("names none before an update has waited for hosts", () => {
    assert.equal(lost(undefined, []), "");
  });
});
