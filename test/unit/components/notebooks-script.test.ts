import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Machine } from "./machine";
import { fails, succeeds } from "./shell";

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

  it("are unsaved until they are recorded, and again after a change", () => {
    assert.equal(succeeds(notebooks("unsaved")).stdout, "a b.ipynb\ndeep/c.ipynb\n");
    const all = notebooks("list").stdout;
    succeeds(notebooks("record", all));
    assert.equal(notebooks("saved").stdout, all);
    assert.equal(succeeds(notebooks("unsaved")).stdout, "");
    machine.write(`${FOLDER}/a b.ipynb`, "three");
    assert.equal(succeeds(notebooks("unsaved")).stdout, "a b.ipynb\n");
  });

  it("may be none at all", () => {
    rmSync(join(machine.root, FOLDER), { recursive: true });
    mkdirSync(join(machine.root, FOLDER));
    assert.equal(succeeds(notebooks("list")).stdout, "");
    assert.equal(succeeds(notebooks("unsaved")).stdout, "");
  });

  /** A tar file like those of the command-line tool. */
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

  it("are received unchanged, next to existing ones", () => {
    const files = { "new/e.ipynb": "five", "a b.ipynb": "six" };
    const list = line("new/e.ipynb", "five") + line("a b.ipynb", "six");
    const { calls } = succeeds(notebooks("receive", archive(files, list)));
    assert.equal(machine.read(`${FOLDER}/new/e.ipynb`), "five");
    assert.equal(machine.read(`${FOLDER}/a b.ipynb`), "six");
    assert.equal(machine.read(`${FOLDER}/deep/c.ipynb`), "two");
    assert.match(calls.join("\n"), /^chown -R --reference=\S+\/notebooks /m);
  });

  it("are not changed by an interrupted transfer", () => {
    const list = line("a b.ipynb", "six") + line("f.ipynb", "seven");
    const { stderr } = fails(notebooks("receive", archive({ "a b.ipynb": "six" }, list)));
    assert.match(stderr, /the transfer broke off/);
    assert.equal(machine.read(`${FOLDER}/a b.ipynb`), "one");
    assert.ok(!machine.exists(`${FOLDER}/f.ipynb`));
  });
});
