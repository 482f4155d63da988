// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { document, problems, read } from "./reading";

describe("Compose files", () => {
  describe("env_file", () => {
    const files = (lines: string) => ({
      "compose.yaml": `services:\n  web:\n    image: nginx\n${lines
        .split("\n")
        .map((line) => `    ${line}\n`)
        .join("")}`,
      "a.env": "A=a\nB=a",
      "b.env": "B='b'\nC=${X}",
    });
    const environment = (lines: string) =>
      document(read(files(lines), { env: { X: "x" } })).services.web?.environment;

    for (const [lines, expected] of [
      ["env_file: a.env", { A: "a", B: "a" }],
      ["env_file: [a.env, b.env]", { A: "a", B: "b", C: "x" }],
      ["env_file: [{path: b.env, format: raw}]", { B: "'b'", C: "$${X}" }],
      ["env_file: [{path: no.env, required: false}, a.env]", { A: "a", B: "a" }],
      ["env_file: a.env\nenvironment: {B: own, D: 5}", { A: "a", B: "own", D: "5" }],
      ["env_file: a.env\nenvironment: [B=own, X]", { A: "a", B: "own", X: "x" }],
      ["environment: {X: }", { X: "x" }],
    ] as const) {
      it(lines, () => assert.deepEqual(environment(lines), expected));
    }

    it("that is missing is refused; a variable without a value is left out, with a note", () => {
      assert.match(
        problems(files("env_file: [no.env]")).join(),
        /^compose\.yaml:4: services\.web\.env_file\[0\]: there is no file no\.env: create it, or set required: false$/,
      );
      const stack = read(files("environment: [NO_SUCH]"));
      assert.deepEqual(document(stack).services.web?.environment, {});
      assert.match(stack.notes.join(), /environment: NO_SUCH is left out/);
    });

    it("makes the document sensitive, too", () => {
      assert.equal(read(files("env_file: a.env")).sensitive, true);
    });

    it("label_file is the same for labels", () => {
      const stack = read(files("label_file: a.env\nlabels: {B: own}"));
      assert.deepEqual(document(stack).services.web?.labels, { A: "a", B: "own" });
    });
  });
});
