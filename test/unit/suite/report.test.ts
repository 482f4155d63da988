import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measurement } from "../../suite/measurement";
import { Report } from "../../suite/report";

const measurement = (changed: Partial<Measurement>): Measurement => ({
  kind: "test",
  file: "test/unit/a.test.ts",
  title: "a › works",
  seconds: 1,
  state: "passed",
  ...changed,
});

describe("the report of a run", () => {
  let folder: string;
  let report: Report;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
    report = new Report(join(folder, "times.json"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("ends with the number of passed, failed and skipped tests", () => {
    report.add(measurement({}));
    assert.match(report.text(), /\n1 passed, 0 failed$/);
    report.add(measurement({ state: "failed", reason: "Error: no" }));
    report.add(measurement({ state: "left out", reason: "no internet" }));
    assert.match(report.text(), /\n1 passed, 1 failed, 1 skipped$/);
  });

  it("counts a failed hook, but no cluster that did not come up, which may be intended", () => {
    report.add(measurement({ kind: "hook", state: "failed", reason: "Error: no" }));
    report.add(measurement({ kind: "up", state: "failed" }));
    assert.match(report.text(), /\n0 passed, 1 failed$/);
    assert.equal(report.failures.length, 1);
  });

  it("repeats what failed, and why", () => {
    report.add(measurement({ state: "failed", reason: "Error: no\n    at line 1" }));
    assert.match(
      report.text(),
      /Failed: a › works \(test\/unit\/a\.test\.ts\)\n {4}Error: no\n {8}at line 1\n/,
    );
  });

  it("shows why tests were skipped, once for each reason", () => {
    for (const title of ["one", "two"])
      report.add(measurement({ title, state: "left out", reason: "no internet" }));
    assert.match(report.text(), /Left out: 2 tests of test\/unit\/a\.test\.ts: no internet\n/);
  });

  it("adds up times by folder, longest first", () => {
    report.add(measurement({ seconds: 2 }));
    report.add(measurement({ seconds: 3, kind: "hook" }));
    report.add(measurement({ seconds: 10, file: "test/e2e/b.test.ts" }));
    assert.match(
      report.text(),
      /Time by folder.*:\n +10\.0 s {2}test\/e2e \(1 tests\)\n +5\.0 s {2}test\/unit \(1 tests\)\n/,
    );
  });

  it("lists the twenty slowest", () => {
    for (let seconds = 1; seconds <= 25; seconds++)
      report.add(measurement({ seconds, title: `takes ${seconds}` }));
    const slowest = report.text().match(/takes \d+/g);
    assert.deepEqual(
      slowest,
      Array.from({ length: 20 }, (_, index) => `takes ${25 - index}`),
    );
  });

  it("counts the clusters that were brought up and destroyed, and their time", () => {
    for (const seconds of [20, 30]) report.add(measurement({ kind: "up", seconds }));
    report.add(measurement({ kind: "destroy", seconds: 5 }));
    assert.match(report.text(), / 50\.0 s {2}2 of up\n +5\.0 s {2}1 of destroy\n/);
  });

  it("stores all of it in a file", () => {
    report.add(measurement({}));
    report.save();
    const { measurements } = JSON.parse(readFileSync(join(folder, "times.json"), "utf8"));
    assert.deepEqual(measurements, [measurement({})]);
  });
});
