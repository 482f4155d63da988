import { equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerOfSpark } from "./python";

describe("notebooks about an access log", function () {
  this.timeout("5m");
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "notebooks-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const name of ["access_log", "access_log_clusters"]) {
    it(`${name} reads requests that are very long`, () => {
      const path = join(folder, "apache_logs");
      const line = (request: string, agent: string) =>
        `203.0.113.1 - - [17/May/2026:10:05:03 +0000] "${request}" 400 226 "-" "${agent}"\n`;
      const long = ["A", String.raw`\x90`, String.raw`\"`].map((text) => text.repeat(50_000));
      writeFileSync(path, long.flatMap((text) => [line(text, "-"), line("-", text)]).join(""));
      const notebook = `examples/notebooks/${name}.ipynb`;
      equal(
        answerOfSpark("test/examples/first_cell.py", [notebook, path]),
        "6 requests in 6 lines",
      );
    });
  }
});
