import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { destroyStack } from "../../../cli/pulumi/destroy";
import { home } from "../../../cli/pulumi/pulumi";

describe("the destruction of a stack", () => {
  const { PATH } = process.env;
  const stack = `unit-${process.pid}`;
  const log = join(home, "logs", stack, "destroy.log");
  let folder: string;

  /** Puts a `pulumi` on the PATH that counts its runs, and runs this in the first two. */
  function fakePulumi(first: string): void {
    const script = `#!/bin/sh\necho run >>"${folder}/runs"\n[ "$(wc -l <"${folder}/runs")" -gt 2 ] || { ${first}; }\n`;
    writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
  }
  const runs = () => readFileSync(join(folder, "runs"), "utf8").split("\n").length - 1;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spark-swarm-destroy-"));
    process.env.PATH = [folder, PATH].join(delimiter);
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
    rmSync(join(home, "logs", stack), { recursive: true, force: true });
  });

  it("is retried when Ctrl-C ended Pulumi before it started", async () => {
    fakePulumi("kill -INT $$");
    await destroyStack(stack);
    assert.equal(runs(), 3);
    assert.ok(!existsSync(log));
  });

  it("shows and keeps Pulumi's output when Pulumi was ended in the middle", async () => {
    fakePulumi("echo deleting; kill -INT $$");
    await assert.rejects(destroyStack(stack), /^Error: deleting\n\(full log: .*destroy\.log\)$/);
    assert.equal(runs(), 1);
    assert.equal(readFileSync(log, "utf8"), "deleting\n");
  });
});
