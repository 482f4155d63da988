import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output, secret } from "@pulumi/pulumi";
import {
  localScript,
  remoteScript,
  removalScript,
  type ScriptArgs,
  scriptText,
  shellQuote,
} from "../../../components/script";
import { Machine } from "./machine";
import {
  fakeHosts,
  inPreviewAndUpdate,
  privateKeyOf,
  promiseOf,
  type Registered,
  removedBy,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";
import { type Ended, fails, type Rule, succeeds } from "./shell";

const SCRIPT = "#!/bin/sh\nset -eu\necho done\n";
const NASTY = `it's\n"two"  'lines' $HOME \`id\` \\n\nEOF\n\n${privateKeyOf("a")}`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "script-"));
});
after(() => rmSync(folder, { recursive: true }));

/** Writes a script; returns its path. */
function written(text: string): string {
  const path = join(folder, "script.sh");
  writeFileSync(path, text);
  return path;
}

async function registered(
  args: Omit<ScriptArgs, "script"> & { script?: string },
  { where = "local", preview = false }: { where?: "local" | "remote"; preview?: boolean } = {},
): Promise<Registered> {
  const { script = SCRIPT, ...others } = args;
  const given = { script: written(script), ...others };
  const { find } = await run(preview, () => {
    const opts = { ignoreChanges: ["stdin"] };
    if (where === "local") return localScript("it", given, opts);
    const { connection } = fakeHosts(0).manager;
    return remoteScript("it", { ...given, connection }, opts);
  });
  return find("it");
}

/** Runs the command like the plugin. */
function execute({ inputs }: Registered): SpawnSyncReturns<string> {
  return spawnSync("sh", ["-c", inputs.create as string], {
    input: inputs.stdin as string,
    encoding: "utf8",
  });
}

for (const where of ["local", "remote"] as const) {
  describe(`${where}Script`, () => {
    inPreviewAndUpdate((preview) => {
      it("passes the script through standard input, after its variables", async () => {
        const variables = { NAME: "it's", COUNT: 3, LATER: output("x") };
        const resource = await registered({ variables }, { where, preview });
        assert.equal(resource.type, `command:${where}:Command`);
        assert.equal(resource.inputs.create, 'eval "$(cat)"');
        assert.equal(resource.inputs.update, resource.inputs.create);
        assert.equal(resource.inputs.stdin, `NAME='it'\\''s'\nCOUNT='3'\nLATER='x'\n${SCRIPT}`);
        assert.deepEqual(scriptOf(resource), {
          variables: { NAME: "it's", COUNT: "3", LATER: "x" },
          text: SCRIPT,
        });
      });

      it("passes its options on", async () => {
        const resource = await registered({}, { where, preview });
        assert.deepEqual(resource.ignoreChanges, ["stdin"]);
      });

      it("is logged unless it must not be", async () => {
        for (const logged of [undefined, true]) {
          const { inputs } = await registered({ logged }, { where, preview });
          assert.ok(!("logging" in inputs));
        }
        const { inputs } = await registered({ logged: false }, { where, preview });
        assert.equal(inputs.logging, "none");
      });

      it("is secret when one of its variables is", async () => {
        const variables = { PLAIN: "x", HIDDEN: secret("hidden") };
        const { secrets, inputs } = await registered({ variables }, { where, preview });
        assert.ok(secrets.includes("stdin"));
        const { stdin: _, ...others } = inputs;
        assert.ok(!JSON.stringify(others).includes("hidden"));
        const plain = await registered({ variables: { PLAIN: "x" } }, { where, preview });
        assert.ok(!plain.secrets.includes("stdin"));
      });
    });

    it("passes values unchanged, with several lines and quotes", async () => {
      const script = `#!/bin/sh\nprintf '%s\\0' "$NASTY" "$EMPTY" "$COUNT"\n`;
      const variables = { NASTY, EMPTY: "", COUNT: 3 };
      const ended = execute(await registered({ script, variables }, { where }));
      assert.equal(ended.stderr, "");
      assert.deepEqual(ended.stdout.split("\0"), [NASTY, "", "3", ""]);
    });

    it("lets no command in it read the rest of it as input", async () => {
      const script = "#!/bin/sh\nset -eu\ncat\nread -r line || echo nothing\necho done\n";
      const ended = execute(await registered({ script, variables: { A: "x" } }, { where }));
      assert.deepEqual([ended.stdout, ended.stderr], ["nothing\ndone\n", ""]);
    });

    it("fails like the script, which cleans up", async () => {
      for (const [line, status] of [
        ["exit 7", 7],
        ["sh -c 'exit 5'", 5],
        ['echo "$NOT_GIVEN"', 2],
      ] as const) {
        const script = `#!/bin/sh\nset -eu\ntrap 'echo cleaned' EXIT\n${line}\necho not reached\n`;
        const ended = execute(await registered({ script }, { where }));
        assert.deepEqual([ended.status, ended.stdout], [status, "cleaned\n"], line);
      }
    });
  });
}

describe("remoteScript", () => {
  inPreviewAndUpdate((preview) => {
    it("keeps the connection secret, and does nothing on the host when it is deleted", async () => {
      const { inputs, secrets } = await registered({}, { where: "remote", preview });
      assert.ok(secrets.includes("connection"));
      assert.ok(!("delete" in inputs));
    });
  });
});

describe("removalScript", () => {
  inPreviewAndUpdate((preview) => {
    it("runs its script on the host only when it is deleted", async () => {
      const { find } = await run(preview, () => {
        const { connection } = fakeHosts(0).manager;
        const variables = { NAME: "it's" };
        return removalScript("it", { connection, script: written(SCRIPT), variables }, {});
      });
      assert.deepEqual(removedBy(find("it")), { variables: { NAME: "it's" }, text: SCRIPT });
    });
  });

  const machines: Machine[] = [];
  afterEach(() => {
    for (const machine of machines.splice(0)) machine.remove();
  });

  /** Deletes the resource, with a fake ssh that answers by this rule. */
  function removed(rule: Omit<Rule, "when">): Ended {
    const machine = new Machine();
    machines.push(machine);
    const shell = (name: string) =>
      readFileSync(join(__dirname, "../../../components", name), "utf8");
    const variables = {
      ON_HOST: shell("on-host.sh"),
      ADDRESS: "192.0.2.1",
      PORT: "22",
      LOGIN: "root",
      HOST_KEY: "k",
      KEY: "hushhush",
      REMOVAL: "rm it",
    };
    const assignments = Object.entries(variables).map(
      ([name, value]) => `${name}=${shellQuote(value)}`,
    );
    const text = ["#!/bin/sh", ...assignments, shell("removal.sh")].join("\n");
    return machine.run(text, [{ when: "ssh*", ...rule }]);
  }

  it("runs the script, and shows no key", () => {
    const { calls, stderr } = succeeds(removed({}));
    assert.equal(stderr, "");
    assert.equal(calls.length, 1);
    assert.match(calls[0] ?? "", /StrictHostKeyChecking=yes .*root@192\.0\.2\.1 sh$/);
    assert.ok(!/hushhush|rm it/.test(calls.join()));
  });

  it("fails when the script does", () => {
    assert.equal(fails(removed({ status: 1 })).status, 1);
  });

  it("succeeds with a warning when the host does not answer three times", () => {
    const { calls, stderr } = succeeds(removed({ status: 255 }));
    assert.equal(calls.length, 3);
    assert.match(stderr, /^warning: the host at 192\.0\.2\.1 does not answer/);
  });
});

describe("scriptText", () => {
  it("is unknown until its variables are known", async () => {
    const { result, find } = await run(true, () => {
      const other = localScript("other", { script: written(SCRIPT) }, {});
      const variables = { KNOWN: "x", LATER: other.stdout };
      localScript("it", { script: written(SCRIPT), variables }, {});
      return scriptText(written(SCRIPT), variables);
    });
    assert.equal((await promiseOf(result)).known, false);
    assert.equal(find("it").inputs.stdin, UNKNOWN);
  });

  it("is only the script without variables", async () => {
    const { value, secret: isSecret } = await promiseOf(scriptText(written(SCRIPT), {}));
    assert.deepEqual([value, isSecret], [SCRIPT, false]);
  });
});

describe("shellQuote", () => {
  for (const text of [
    "",
    "plain",
    "two words",
    "it's",
    "''",
    `"double" $HOME \`id\` $(id) \\ \\n !x *`,
    "two\nlines\n",
    privateKeyOf("a"),
    "-n",
    "größer ✓",
  ]) {
    it(`a shell reads ${JSON.stringify(text)} back`, () => {
      const command = `printf %s ${shellQuote(text)}`;
      const { stdout: printed } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
      assert.equal(printed, text);
    });
  }
});
