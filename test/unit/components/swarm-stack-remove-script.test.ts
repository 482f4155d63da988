import assert from "node:assert/strict";
import { fails, type Rule, runScript, succeeds } from "./shell";

describe("swarm-stack/remove.sh", () => {
  const remove = (rules: Rule[]) => runScript("swarm-stack/remove.sh", { STACK: "web" }, rules);

  it("removes the stack and waits until its tasks are removed", () => {
    const ended = succeeds(
      remove([
        { when: "stack ps --quiet web", answer: "t1\n", times: 2 },
        { when: "stack ps --quiet web", status: 1 },
      ]),
    );
    assert.deepEqual(ended.calls, ["stack rm web", ...Array(3).fill("stack ps --quiet web")]);
  });

  it("fails when Docker does", () => {
    fails(remove([{ when: "stack rm web", status: 1 }]));
  });
});
