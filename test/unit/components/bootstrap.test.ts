import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootstrapAction } from "../../../components/hosts/bootstrap";
import { bootstrapScript } from "../../../components/hosts/bootstrap";
import { parseSettings } from "../../../program/settings/settings";
import { problemsOf, pulumiConfig } from "./config";
import { Machine } from "./machine";
import { fails, runScript, succeeds } from "./shell";

let folder: string;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
}
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe("settings of bootstrap actions", () => {
  withFolder();
  const of = (bootstrap: unknown) => pulumiConfig({ bootstrap });

  it("are scripts, by default on all hosts; arguments are words", () => {
    const run = file("a.sh", "#!/bin/sh\n");
    assert.deepEqual(
      parseSettings(of([{ run }, { run, on: "workers", args: ["a b", 3] }])).bootstrap,
      [
        { run, on: "all", args: [] },
        { run, on: "workers", args: ["a b", "3"] },
      ],
    );
  });

  it("are refused with the reason, before anything is created", () => {
    const refused = (bootstrap: unknown, problem: RegExp) => {
      const problems = problemsOf(of(bootstrap));
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", problem);
    };
    const run = file("a.sh", "#!/bin/sh\n");
    refused(
      "a.sh",
      /^bootstrap: "a\.sh" was given; it must be a list such as \[\{run: install\.sh/,
    );
    refused([run], /^bootstrap\[0\]: .* an object such as \{run: install\.sh/);
    const no = join(folder, "no.sh");
    refused(
      [{ run: no }],
      /^bootstrap\[0\]\.run: .* the path of a file that can be read.*config set --path 'bootstrap\[0\]\.run' install\.sh$/,
    );
    refused([{ run: folder }], /the path of a file/);
    refused(
      [{ run: file("text", "apt install x\n") }],
      /must be a script: a text that begins with #!/,
    );
    refused([{ run: file("binary", "#!\0") }], /a text that begins with #!/);
    refused([{ run: file("large", `#!${" ".repeat(256 * 1024)}`) }], /at most 256 KB/);
    refused(
      [{ run, on: "master" }],
      /^bootstrap\[0\]\.on: "master" .* one of: all, manager, workers/,
    );
    refused(
      [{ run, args: "--fast" }],
      /^bootstrap\[0\]\.args: a value was given; .* a list of words/,
    );
    refused([{ run, user: "me" }], /^bootstrap\[0\]\.user: there is no such key/);
  });
});

describe("hosts/bootstrap.sh", () => {
  withFolder();
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  /** Runs actions like a host. */
  function boot(actions: BootstrapAction[], role = "worker") {
    const text = bootstrapScript(actions).replace("/var/log", `${machine.root}/var/log`);
    machine.write("run", text, 0o755);
    return machine.start("run", { args: [role, `${role}-0`, join(machine.root, "own")] });
  }
  const noted = () => (machine.exists("noted") ? machine.read("noted") : "");
  const notes = (name: string, more = "") =>
    file(name, `#!/usr/bin/env bash\necho "$0 $*" | tee -a ${machine.root}/noted\n${more}\n`);

  it("is empty without actions", () => {
    assert.equal(bootstrapScript([]), "");
  });

  it("runs each in order on its hosts, with its arguments, and keeps its output", () => {
    const args = ["it's", "$HOME", "two words", ""];
    const actions: BootstrapAction[] = [
      { run: notes("first.sh"), on: "all", args },
      { run: notes("second.sh"), on: "manager", args: [] },
      { run: notes("third one"), on: "workers", args: [] },
    ];
    const { stdout } = succeeds(boot(actions));
    assert.equal(stdout, "");
    assert.equal(noted(), "./first.sh it's $HOME two words \n./third one \n");
    assert.equal(machine.read("var/log/spark-swarm/bootstrap-3-third one.log"), "./third one \n");
  });

  it("does not run an action again after success, unless it has changed", () => {
    const run = notes("a.sh");
    const actions: BootstrapAction[] = [{ run, on: "all", args: ["1"] }];
    succeeds(boot(actions));
    succeeds(boot(actions));
    assert.equal(noted(), "./a.sh 1\n");
    succeeds(boot([{ run, on: "all", args: ["2"] }]));
    assert.equal(noted(), "./a.sh 1\n./a.sh 2\n");
  });

  it("stops at the first failure, reports action, host and end of its log, and then resumes there", () => {
    const before = notes("before.sh");
    const bad = notes("bad.sh", "seq 100; exit 7");
    const after = notes("after.sh");
    const actions = [before, bad, after].map((run) => ({ run, on: "all" as const, args: [] }));
    const { stdout } = fails(boot(actions));
    const lines = stdout.split("\n");
    assert.equal(
      lines[0],
      "Bootstrap action 2 (bad.sh) failed on worker-0 with status 7. The end of its log, /var/log/spark-swarm/bootstrap-2-bad.sh.log:",
    );
    assert.deepEqual(
      lines.slice(1, -1),
      Array.from({ length: 20 }, (_, line) => `${line + 81}`),
    );
    assert.equal(noted(), "./before.sh \n./bad.sh \n");
    notes("bad.sh");
    succeeds(boot(actions));
    assert.equal(noted(), "./before.sh \n./bad.sh \n./bad.sh \n./after.sh \n");
  });
});

describe("hosts/booted.sh", () => {
  withFolder();
  const boot = (script: string) =>
    succeeds(
      runScript("hosts/booted.sh", { LIBRARY: folder, MANAGER: "i-0", BOOTSTRAP: script }, []),
    ).stdout;

  it("stores the actions, even if there are none; reports when hosts have run others", () => {
    assert.equal(boot(""), "the manager has booted\n");
    writeFileSync(join(folder, "i-0/bootstrapped"), "");
    assert.equal(boot(""), "the manager has booted\n");
    assert.match(boot("it's \\n $HOME"), /bootstrap actions have changed/);
    assert.equal(boot("it's \\n $HOME"), "the manager has booted\n");
  });
});
