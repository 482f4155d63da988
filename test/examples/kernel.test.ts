import { deepEqual, match } from "node:assert/strict";
import { answerOfSpark } from "./python";

/** The output of test/examples/kernel_parts.py. */
interface Answer {
  hints: (string | null)[];
  folder: string;
}

describe("the parts of a Python kernel", function () {
  this.timeout("5m");
  let answer: Answer;
  before("run on a Spark of two executors", () => {
    const cluster = "local-cluster[2,1,1024]";
    answer = JSON.parse(answerOfSpark("test/examples/kernel_parts.py", [], cluster)) as Answer;
  });
  const got = (name: string) => (answer as unknown as Record<string, unknown>)[name];

  it("give a notebook that makes a SparkContext the existing one", () => {
    deepEqual(got("the same"), [true, true, true, true]);
  });

  it("run one that asks for `local` on the cluster", () => {
    deepEqual(got("anew"), [true, "Second App", 45]);
    deepEqual(got("by a session"), [true, "Third App"]);
  });

  it("bring packages that pip installs to executors, also later ones", () => {
    deepEqual(["event", "without it", "greeting", "farewell"].map(got), [
      "pre_run_cell",
      true,
      [1, 1],
      [2, 2],
    ]);
  });

  it("explain errors that occur only on a cluster", () => {
    const files = answer.hints.slice(0, 3);
    const [noFile, none, module, itsPackage, memory, others, sql, missing] = answer.hints.slice(3);
    for (const hint of files) {
      match(
        hint ?? "",
        /npx spark-swarm copy 'notebooks\/trips of today\.csv'.*\/data\/trips of today\.csv/,
      );
    }
    match(module ?? "", /sc\.addPyFile\('.*\/beside\.py'\)/);
    match(itsPackage ?? "", /make a zip of it, and sc\.addPyFile\('greeting\.zip'\)/);
    match(memory ?? "", /notebook\.memory.*workers\.memory/);
    deepEqual([noFile, none, others], [null, null, null]);
    match(sql ?? "", /%%sql/);
    match(missing ?? "", /%pip install a .*`spark\.pip`/);
  });
});
