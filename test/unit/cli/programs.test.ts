import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { run, start } from "../../../cli/programs";

const shell = (script: string, options = {}) => run("sh", ["-c", script], options);

describe("a program", () => {
  it("ends with a status and its output", async () => {
    const { status, stdout, stderr } = await shell("echo out; echo err >&2; exit 3");
    deepEqual({ status, stdout, stderr }, { status: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("ends with 128 and the number of the signal that ended it", async () => {
    equal((await shell("kill -INT $$")).status, 130);
    equal((await shell("kill -KILL $$")).status, 137);
  });

  it("that is missing is an error", async () => {
    await rejects(run("no-such-program", []), /spawn no-such-program ENOENT/);
  });

  it("reads its input, none by default", async () => {
    equal((await shell("cat", { input: "text" })).stdout, "text");
    equal((await shell("cat")).stdout, "");
  });

  it("may end before it has read its input", async () => {
    equal((await shell("exec <&-; exit 4", { input: "x".repeat(10_000_000) })).status, 4);
  });

  it("has this process's environment, or only the given one", async () => {
    match((await shell("env")).stdout, /^HOME=/m);
    const { stdout } = await shell("/usr/bin/env", { env: { ONE: "1" } });
    match(stdout, /^ONE=1$/m);
    ok(!/^HOME=/m.test(stdout));
  });

  it("gets the time that it needs to end after SIGTERM", async () => {
    const { child, ended } = start("sh", [
      "-c",
      "trap 'sleep 6; exit 5' TERM; echo ready; while :; do sleep 0.1; done",
    ]);
    if (child.stdout) await once(child.stdout, "data");
    child.kill("SIGTERM");
    equal((await ended).status, 5);
  }).timeout(60_000);
});
