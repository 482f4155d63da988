import assert from "node:assert/strict";
import { groupsOf } from "../../suite/groups";

describe("the processes that share the tests", () => {
  const names = (...files: string[]) => groupsOf(files).map(({ name }) => name);

  it("are one for files that share a cluster, and one for each other file", () => {
    assert.deepEqual(
      groupsOf([
        "test/e2e/main/secrets.test.ts",
        "test/e2e/life.test.ts",
        "test/e2e/main/bastion.test.ts",
      ]),
      [
        {
          name: "test/e2e/main",
          files: ["test/e2e/main/bastion.test.ts", "test/e2e/main/secrets.test.ts"],
        },
        { name: "test/e2e/life.test.ts", files: ["test/e2e/life.test.ts"] },
      ],
    );
  });

  it("start with the longest", () => {
    const files = ["test/unit/cli/ssh.test.ts", "test/e2e/main/jobs.test.ts"];
    const workloads = "test/e2e/workloads/connect.test.ts";
    assert.deepEqual(names(...files, workloads), [
      "test/e2e/workloads",
      "test/e2e/main",
      "test/unit/cli",
    ]);
  });
});
