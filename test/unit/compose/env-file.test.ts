// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { readEnvFile } from "../../../components/swarm-stack/compose/env-file";

const lookup = (name: string) => ({ HOME: "/home/me", TOKEN: "t" })[name];

describe("env files", () => {
  const lines: [text: string, values: Record<string, string>][] = [
    ["A=1", { A: "1" }],
    ["A = 1 ", { A: "1" }],
    ["A: 1", { A: "1" }],
    ["export A=1", { A: "1" }],
    ["A=", { A: "" }],
    ["A=two words", { A: "two words" }],
    ["# A=1\n\n  # B\nC=3", { C: "3" }],
    ["A=1 # one", { A: "1" }],
    ["A=a#b", { A: "a#b" }],
    ["A=#b", { A: "" }],
    ["A='it # $HOME'", { A: "it # $HOME" }],
    ['A="it # ${HOME}" # x', { A: "it # /home/me" }],
    ['A="a\\nb\\t\\"c\\" \\$HOME \\\\"', { A: 'a\nb\t"c" $HOME \\' }],
    ['A="one\ntwo"\nB=3', { A: "one\ntwo", B: "3" }],
    ["A='one\ntwo'", { A: "one\ntwo" }],
    ["A=$HOME/x", { A: "/home/me/x" }],
    ["A=1\nB=${A}2", { A: "1", B: "12" }],
    ["A=${B:-x}", { A: "x" }],
    ["A=5$$", { A: "5$" }],
    ["TOKEN", { TOKEN: "t" }],
    ["NOBODY", {}],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["\uFEFFA=1", { A: "1" }],
    ["A=b=c", { A: "b=c" }],
    ["spring.url=x", { "spring.url": "x" }],
    ["A=日本語", { A: "日本語" }],
  ];
  for (const [text, values] of lines) {
    it(JSON.stringify(text), () =>
      assert.deepEqual(readEnvFile(text, lookup), { values, problems: [] }),
    );
  }

  it("raw: each value unchanged", () => {
    const { values } = readEnvFile("A='x' # y\nB=$HOME", lookup, true);
    assert.deepEqual(values, { A: "'x' # y", B: "$HOME" });
  });

  const wrong: [text: string, line: number, message: RegExp][] = [
    ["A=1\nnot a line", 2, /NAME=value is expected here/],
    ["1A=x", 1, /NAME=value/],
    ['A="x', 1, /A begins with " but has no closing "/],
    ["B=1\nA=${X:?needed}", 2, /A: the variable X is not set: needed/],
    ["A=cost 5$ x", 1, /A: .*write '\$\$'/],
  ];
  for (const [text, line, message] of wrong) {
    it(`${JSON.stringify(text)} is a problem of line ${line}`, () => {
      const { problems } = readEnvFile(text, lookup);
      assert.deepEqual(
        problems.map((problem) => problem.line),
        [line],
      );
      assert.match(problems[0]?.text ?? "", message);
    });
  }
});
