import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { endPrograms, eventually, Program } from "../../e2e/harness/programs";

const root = resolve(__dirname, "../../..");

describe("a run of test files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "run-"));
  });
  afterEach(async () => {
    await endPrograms();
    rmSync(folder, { recursive: true });
  });

  /** Starts a run of files with these texts. */
  function start(files: Record<string, string>, ...options: string[]): Program {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const run = ["--require", "./transpile.cjs", "test/suite/run.ts"];
    const paths = Object.keys(files).map((name) => join(folder, name));
    const times = ["--times", join(folder, "times.json")];
    const command = [process.execPath, ...run, ...times, ...options, ...paths];
    return new Program(command, { cwd: root, seconds: 30 });
  }

  /** A test that waits for ever and has created a file, which is removed when it is asked to end. */
  const hangs = () => `
    const { rmSync, writeFileSync } = require("fs");
    process.prependOnceListener("SIGTERM", () => { rmSync("${folder}/made"); process.exit(130); });
    it("hangs", () => { writeFileSync("${folder}/made", String(process.pid)); return new Promise(() => setInterval(() => {}, 1000)); });`;
  const made = () =>
    eventually(20, () => {
      const pid = readFileSync(join(folder, "made"), "utf8");
      assert.ok(pid);
      return pid;
    });
  const isGone = (pid: string) =>
    eventually(20, () => {
      assert.ok(!existsSync(join(folder, "made")));
      assert.ok(!existsSync(`/proc/${pid}`));
    });

  it("adds up its processes' results, and fails when one of them has", async () => {
    const { status, stdout } = await start({
      "a.test.ts": 'it("works", () => {}); it("is left out")',
      "b.test.ts": 'it("does not work", () => { throw new Error("so"); })',
    }).ended;
    assert.equal(status, 1);
    assert.match(stdout, /Failed: does not work \(.*b\.test\.ts\)\n {4}Error: so\n/);
    assert.match(stdout, /\n1 passed, 1 failed, 1 skipped\n$/);
  });

  it("accepts mocha's pattern, and reports that no test matches", async () => {
    const files = { "a.test.ts": 'it("one", () => {}); it("two", () => {})' };
    const one = await start(files, "--grep", "^one$").ended;
    assert.deepEqual([one.status, /1 passed, 0 failed\n$/.test(one.stdout)], [0, true], one.output);
    const none = await start(files, "--grep", "three").ended;
    assert.equal(none.status, 1);
    assert.match(none.output, /no test has run/);
  });

  it("counts a process that dies as a failed test", async () => {
    const { status, stdout } = await start({
      "a.test.ts": 'it("dies", () => process.kill(process.pid, "SIGKILL"))',
      "b.test.ts": 'it("works", () => {})',
    }).ended;
    assert.equal(status, 1);
    assert.match(stdout, /ended with SIGKILL before its tests had\n/);
    assert.match(stdout, /\n1 passed, 1 failed\n$/);
  });

  it("has its processes remove what they created when it is asked to end", async () => {
    const run = start({ "a.test.ts": hangs(), "b.test.ts": 'it("works", () => {})' });
    const pid = await made();
    run.signal("SIGTERM");
    const { status, output } = await run.ended;
    assert.equal(status, 143, output);
    await isGone(pid);
  });

  it("has them do that, too, when it is killed", async () => {
    const run = start({ "a.test.ts": hangs(), "b.test.ts": 'it("works", () => {})' });
    const pid = await made();
    run.signal("SIGKILL");
    await run.ended;
    await isGone(pid);
  });
});
