import { equal, ok } from "node:assert/strict";
import { answerOfSpark } from "./python";

describe("examples/pi.py", function () {
  this.timeout("5m");

  it("estimates pi, and prints the same on another number of cores", () => {
    const partitions = 4;
    const answer = answerOfSpark("examples/pi.py", [String(partitions)], 2);
    const estimate = JSON.parse(answer) as { pi: number; partitions: number };
    const standardError = Math.sqrt((Math.PI * (4 - Math.PI)) / (5_000_000 * partitions));
    ok(Math.abs(estimate.pi - Math.PI) < 4 * standardError, answer);
    equal(estimate.partitions, partitions);
    equal(answerOfSpark("examples/pi.py", [String(partitions)], 1), answer);
  });
});
