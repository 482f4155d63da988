import assert from "node:assert/strict";
import { parseLifetime } from "../../../cli/cluster/lifetime";
import { seconds } from "../../../cli/commands/extend";

describe("extend's duration", () => {
  for (const [text, expected] of [
    ["2h", 7200],
    ["30m", 1800],
    ["1d", 86_400],
    ["1.5 hours", 5400],
    ["90s", 90],
  ] as const) {
    it(`${text} is ${expected} seconds`, () => assert.equal(seconds(text), expected));
  }

  for (const text of ["", "2", "h", "-2h", "0h", "10ms", "2 fortnights"]) {
    it(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(() => seconds(text), { code: "usage", message: /30m, 2h or 1d/ });
    });
  }
});

describe("the manager's answer on its lifetime", () => {
  it("is read, also from a cluster of a version without an archive", () => {
    const stdout = '{"now":1000,"ends":null,"idleLimit":1800,"idleFor":12,"ending":false}\n';
    assert.deepEqual(parseLifetime("manager", { status: 0, stdout, stderr: "" }), {
      ...{ now: 1000, ends: null, idleLimit: 1800, idleFor: 12, ending: false },
      ...{ archive: "", archiveError: "" },
    });
  });

  it("may fail", () => {
    const stderr = "cat: /var/lib/spark-swarm/active: Input/output error\n";
    assert.throws(() => parseLifetime("manager", { status: 1, stdout: "", stderr }), {
      code: "failed",
      message: /manager cannot read the cluster's lifetime.*Input\/output error$/,
    });
  });

  it("explains how to set a lifetime if there is none", () => {
    const stderr = "bash: line 1: /usr/local/lib/spark-swarm/lifetime: No such file or directory\n";
    assert.throws(() => parseLifetime("manager", { status: 127, stdout: "", stderr }), {
      code: "failed",
      message:
        /has no lifetime\. .*`pulumi config set --path lifetime\.ttl 8h`, then run `pulumi up`/,
    });
  });
});
