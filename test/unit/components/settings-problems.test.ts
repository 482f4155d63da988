import assert from "node:assert/strict";
import { parseSettings } from "../../../program/settings/settings";
import { FILE, problemsOf, pulumiConfig } from "./config";

describe("settings", () => {
  it("every problem is reported at once", () => {
    const problems = problemsOf(
      pulumiConfig({
        wokers: 3,
        workers: { count: 0, memory: "2g", disk: 10 },
        manager: { cpus: 0 },
        stacks: [
          { name: "web", file: FILE },
          { name: "web", file: "no-such-file.yml", port: 80 },
          { name: "Bad", file: FILE },
        ],
      }),
    );
    assert.deepEqual(problems.map((problem) => problem.split(":")[0]).sort(), [
      "manager.cpus",
      "stacks[1].file",
      "stacks[1].name",
      "stacks[1].port",
      "stacks[2].name",
      "wokers",
      "workers.count",
      "workers.disk",
      "workers.memory",
    ]);
  });

  it("an unknown cloud is reported alone, since the other settings depend on it", () => {
    const problems = problemsOf({ cloud: "gcp", wokers: "3", workers: "0" });
    assert.deepEqual(problems, [
      `cloud: "gcp" was given; it must be one of: local, digitalocean, aws. Set it with: pulumi config set 'cloud' local`,
    ]);
  });

  it("the number of problems is reported", () => {
    assert.throws(() => parseSettings({ workers: "0" }), /has a problem:\n/);
    assert.throws(() => parseSettings({ wokers: "3", workers: "0" }), /has 2 problems:\n/);
  });

  it("the commands in the messages fix the problems", () => {
    const repaired = pulumiConfig({
      cloud: "local",
      workers: { count: 2, cpus: 1, memory: 2048 },
      manager: { cpus: 1, memory: 3072 },
    });
    assert.deepEqual(parseSettings(repaired), parseSettings({}));
    const wrong = pulumiConfig({
      workers: { count: "x", cpus: "x", memory: "x" },
      manager: { cpus: "x", memory: "x" },
    });
    for (const problem of problemsOf(wrong)) {
      const [, path = "", value = ""] =
        /Set it with: pulumi config set (?:--path )?'([^']+)' (\S+)$/.exec(problem) ?? [];
      const [key = "", part] = path.split(".");
      const only = part ? JSON.stringify({ [part]: value }) : value;
      assert.doesNotThrow(() => parseSettings({ [key]: only }), problem);
    }
  });
});
