import assert from "node:assert/strict";
import { asReadBack } from "../../../components/hosts/local-cpus";

describe("CPUs of a local host", () => {
  for (const [cpus, text] of [
    [1, "1.0"],
    [2, "2.0"],
    [10, "10."],
    [12, "12.0"],
    [20, "20."],
    [64, "64.0"],
    [100, "100."],
    [0.1, "0.1"],
    [0.5, "0.5"],
    [0.25, "0.25"],
    [1.5, "1.5"],
    [10.5, "10.5"],
    [10.25, "10.25"],
    // What the plugin rounds.
    [10.05, "10.1"],
    [40.05, "40."],
  ] as const) {
    it(`${cpus} are spelled ${text}, as the docker plugin reads them back`, () => {
      assert.equal(asReadBack(cpus), text);
    });
  }

  it("keep their spelling when a value that was read back is spelled again", () => {
    for (let hundredths = 10; hundredths <= 25_600; hundredths += 1) {
      const text = asReadBack(hundredths / 100);
      assert.equal(asReadBack(Number(text)), text);
      assert(Math.abs(Number(text) - hundredths / 100) <= 0.051, text);
    }
  });
});
