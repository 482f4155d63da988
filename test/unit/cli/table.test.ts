import { equal } from "node:assert/strict";
import { table } from "../../../cli/terminal/table";

describe("a table", () => {
  it("has columns as wide as their widest cell, without trailing blanks", () => {
    equal(
      table([
        ["worker-10", "日本", "down"],
        ["w", "x", ""],
      ]),
      "  worker-10  日本  down\n  w          x",
    );
  });

  it("keeps the lines of a cell in its column", () => {
    equal(
      table([["web", "no such image:\nnginx:9", "0/1"]], ""),
      "web  no such image:  0/1\n     nginx:9",
    );
  });
});
