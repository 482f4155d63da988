import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { shellQuote } from "../../../components/script";
import { Machine } from "./machine";
import { fails, type Rule, succeeds } from "./shell";

const script = (name: string) =>
  readFileSync(join(__dirname, "../../../components/notebook", name), "utf8");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const line = (name: string, text: string) => `${sha256(text)}  ./${name}\0`;

const FOLDER = "/var/lib/spark/notebooks";

describe("the manager's notebooks", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.write(`${FOLDER}/a b.ipynb`, "one");
    machine.write(`${FOLDER}/deep/c.ipynb`, "two");
    machine.write(`${FOLDER}/deep/.ipynb_checkpoints/c.ipynb`, "older");
    machine.write(`${FOLDER}/.~d.ipynb`, "half");
    machine.write(
      "notebooks",
      script("notebooks.sh").replace(/\/var/g, `${machine.root}/var`),
      0o755,
    );
  });
  afterEach(() => machine.remove());

  const notebooks = (command: string, input = "") =>
    machine.start("notebooks", { args: [command], input });

  it("are listed by their checksums", () => {
    const { stdout } = succeeds(notebooks("list"));
    assert.equal(stdout, line("a b.ipynb", "one") + line("deep/c.ipynb", "two"));
  });

  it("are unsaved until they are on record, and again when they change", () => {
    assert.equal(succeeds(notebooks("unsaved")).stdout, "a b.ipynb\ndeep/c.ipynb\n");
    const all = notebooks("list").stdout;
    succeeds(notebooks("record", all));
    assert.equal(notebooks("saved").stdout, all);
    assert.equal(succeeds(notebooks("unsaved")).stdout, "");
    machine.write(`${FOLDER}/a b.ipynb`, "three");
    assert.equal(succeeds(notebooks("unsaved")).stdout, "a b.ipynb\n");
  });

  it("that there are none of are no failure", () => {
    rmSync(join(machine.root, FOLDER), { recursive: true });
    mkdirSync(join(machine.root, FOLDER));
    assert.equal(succeeds(notebooks("list")).stdout, "");
    assert.equal(succeeds(notebooks("unsaved")).stdout, "");
  });

  /** A tar file as the command-line tool sends it. */
  function archive(files: Record<string, string>, list: string): string {
    const folder = mkdtempSync(join(tmpdir(), "archive-"));
    try {
      for (const [name, text] of Object.entries({ list, ...files })) {
        const path = name === "list" ? join(folder, name) : join(folder, "files", name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      return execFileSync("tar", ["-c", "-C", folder, "list", "files"], { encoding: "utf8" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("are taken as they are sent, beside those that there are", () => {
    const files = { "new/e.ipynb": "five", "a b.ipynb": "six" };
    const list = line("new/e.ipynb", "five") + line("a b.ipynb", "six");
    const { calls } = succeeds(notebooks("receive", archive(files, list)));
    assert.equal(machine.read(`${FOLDER}/new/e.ipynb`), "five");
    assert.equal(machine.read(`${FOLDER}/a b.ipynb`), "six");
    assert.equal(machine.read(`${FOLDER}/deep/c.ipynb`), "two");
    assert.match(calls.join("\n"), /^chown -R --reference=\S+\/notebooks /m);
  });

  it("are not touched by what broke off", () => {
    const list = line("a b.ipynb", "six") + line("f.ipynb", "seven");
    const { stderr } = fails(notebooks("receive", archive({ "a b.ipynb": "six" }, list)));
    assert.match(stderr, /the transfer broke off/);
    assert.equal(machine.read(`${FOLDER}/a b.ipynb`), "one");
    assert.ok(!machine.exists(`${FOLDER}/f.ipynb`));
  });
});

describe("what asks for unsaved notebooks before a cluster is destroyed", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  function check(rule: Omit<Rule, "when">, more: Record<string, string> = {}) {
    const variables = {
      ON_HOST: readFileSync(join(__dirname, "../../../components/on-host.sh"), "utf8"),
      ADDRESS: "192.0.2.1",
      LOGIN: "root",
      PORT: "22",
      HOST_KEY: "k",
      KEY: "hushhush",
      STACK: "dev",
    };
    const assignments = Object.entries({ ...variables, ...more }).map(
      ([name, value]) => `${name}=${shellQuote(value)}`,
    );
    const text = ["#!/bin/sh", ...assignments, script("unsaved.sh")].join("\n");
    return machine.run(text, [{ when: "ssh*", ...rule }]);
  }

  it("names them, and both ways out", () => {
    const { stderr, calls } = fails(check({ answer: "a b.ipynb\nc.ipynb" }));
    assert.match(stderr, /^ {2}a b\.ipynb\n {2}c\.ipynb$/m);
    assert.match(stderr, /notebooks pull --stack dev/);
    assert.match(stderr, /SPARK_SWARM_DISCARD_NOTEBOOKS=1 pulumi destroy --stack dev/);
    assert.ok(!calls.join("\n").includes("hushhush"));
  });

  it("lets go when there are none", () => {
    succeeds(check({ answer: "" }));
  });

  it("lets go of a manager that does not answer, after three attempts, and says so", () => {
    const { stderr, calls } = succeeds(check({ status: 255 }));
    assert.match(stderr, /^warning: the manager does not answer/);
    assert.equal(calls.length, 3);
  });

  it("does not when the manager cannot tell", () => {
    fails(check({ status: 1 }));
  });

  it("does not ask when they may go", () => {
    const { calls } = succeeds(check({ answer: "a" }, { SPARK_SWARM_DISCARD_NOTEBOOKS: "1" }));
    assert.deepEqual(calls, []);
  });
});
