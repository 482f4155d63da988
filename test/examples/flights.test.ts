import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { answerOfSpark, expectedAnswer, repository } from "./python";

describe("examples/flights.py", function () {
  this.timeout("5m");

  it("prints the same for three million flights as pandas", () => {
    const path = join(repository, "node_modules/vega-datasets/data/flights-3m.parquet");
    const answer = answerOfSpark("examples/flights.py", [path]);
    equal(answer, expectedAnswer("test/examples/expected_flights.py", path));
    deepEqual(Object.keys(JSON.parse(answer)), [
      "flights",
      "origins",
      "mean_delay_min",
      "delayed_over_15_pct",
      "busiest_route",
      "worst_origin",
      "best_origin",
    ]);
  });
});
