import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shellQuote } from "../../../components/script";
import { Machine } from "./machine";
import { type Ended, fails, type Rule, succeeds } from "./shell";

const script = (path: string) => readFileSync(join(__dirname, "../../../components", path), "utf8");

describe("unsaved/unsaved.sh", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  /** Runs the script with these answers to its questions, in order. */
  function check(answers: Omit<Rule, "when">[], more: Record<string, string> = {}) {
    const variables = {
      ON_HOST: script("on-host.sh"),
      ADDRESS: "192.0.2.1",
      LOGIN: "root",
      PORT: "22",
      HOST_KEY: "k",
      KEY: "hushhush",
      STACK: "dev",
      NOTEBOOKS: "yes",
      STORE: "yes",
    };
    const assignments = Object.entries({ ...variables, ...more }).map(
      ([name, value]) => `export ${name}=${shellQuote(value)}`,
    );
    const text = ["#!/bin/sh", ...assignments, script("unsaved/unsaved.sh")].join("\n");
    const rules = answers.map((answer) => ({ when: "ssh*", times: 1, ...answer }));
    return machine.run(text, rules);
  }
  const questions = ({ calls }: Ended) => calls.filter((call) => call.startsWith("ssh")).length;
  const NOTHING = { answer: "" };

  it("names unsaved data, and both ways out for each kind", () => {
    const ended = check([
      { answer: "a b.ipynb\nc.ipynb\n" },
      { answer: "/data/out  2 files, 2.0 MB\n" },
    ]);
    const { stderr, calls } = fails(ended);
    assert.deepEqual(stderr.split("\n"), [
      "These notebooks are on the cluster alone, or have changed there:",
      "  a b.ipynb",
      "  c.ipynb",
      "Copy them to this machine with: npx spark-swarm notebooks pull --stack dev",
      "These files are in the cluster's store alone:",
      "  /data/out  2 files, 2.0 MB",
      "Copy them to this machine with: npx spark-swarm get PATH --stack dev",
      "Nothing was destroyed. To discard them, set SPARK_SWARM_DISCARD_NOTEBOOKS=1 SPARK_SWARM_DISCARD_STORE=1 for pulumi, as in: SPARK_SWARM_DISCARD_NOTEBOOKS=1 SPARK_SWARM_DISCARD_STORE=1 pulumi destroy --stack dev",
      "",
    ]);
    assert.ok(!calls.join("\n").includes("hushhush"));
  });

  for (const [kind, setting, answers] of [
    ["notebooks", "SPARK_SWARM_DISCARD_NOTEBOOKS", (given: object) => [given, NOTHING]],
    ["files", "SPARK_SWARM_DISCARD_STORE", (given: object) => [NOTHING, given]],
  ] as const) {
    it(`allows the loss of ${kind} only by their own setting`, () => {
      const { stderr } = fails(check(answers({ answer: "a" })));
      assert.match(stderr, new RegExp(`discard them, set ${setting}=1 for pulumi`));
      assert.equal(questions(succeeds(check([NOTHING], { [setting]: "1" }))), 1);
    });

    it(`does not ask about ${kind} if there can be none`, () => {
      const variable = kind === "files" ? "STORE" : "NOTEBOOKS";
      assert.equal(questions(succeeds(check([NOTHING], { [variable]: "" }))), 1);
    });

    it(`refuses when the manager cannot list ${kind}`, () => {
      const { stderr } = fails(check(answers({ status: 1 })));
      assert.match(
        stderr,
        new RegExp(`cannot list the ${kind} that are only on the cluster \\(status 1\\)`),
      );
      assert.match(stderr, new RegExp(`discard them, set ${setting}=1 for pulumi`));
    });
  }

  it("refuses for the notebooks that it knows of when the manager then stops answering", () => {
    const { stderr } = fails(check([{ answer: "a.ipynb" }, { status: 255, times: 3 }]));
    assert.match(stderr, /\n {2}a\.ipynb\n/);
    assert.match(stderr, /\nwarning: the manager does not answer/);
    assert.match(stderr, /discard them, set SPARK_SWARM_DISCARD_NOTEBOOKS=1 for pulumi/);
  });

  it("succeeds if there is nothing unsaved", () => {
    assert.equal(questions(succeeds(check([NOTHING, NOTHING]))), 2);
  });

  it("succeeds with a warning when the manager does not answer three times", () => {
    const ended = succeeds(check([{ status: 255, times: 3 }]));
    assert.match(ended.stderr, /^warning: the manager does not answer/);
    assert.equal(questions(ended), 3);
  });
});
