import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Value } from "../../emulators/plugins/lib/values";
import { describeCommandPlugin, until } from "./command-plugin";
import { recorded } from "./recordings";
import { LOCAL, urnOf } from "./resource-types";

describeCommandPlugin((plugin) => {
  describe("local.Command", () => {
    for (const { request, response } of recorded("Create", LOCAL)) {
      it(`creates as recorded: ${request.properties?.update}`, async () => {
        const { id, properties } = await plugin.call("Create", request);
        assert.match(id ?? "", /^lc[0-9a-f]{8}$/);
        assert.match(response?.id ?? "", /^lc[0-9a-f]{8}$/);
        assert.deepEqual(properties, response?.properties);
      });
    }

    it("deletes and reads as recorded", async () => {
      for (const { request } of recorded("Delete", LOCAL)) {
        assert.deepEqual(await plugin.call("Delete", request), {});
        assert.deepEqual(plugin.logged(), ["gone"]);
      }
      for (const { request, response } of recorded("Read", LOCAL)) {
        assert.deepEqual(await plugin.call("Read", request), response);
      }
    });

    it("is replaced when its triggers are added, removed or unknown, as in the official plugin", async () => {
      const made = await plugin.create(LOCAL, { create: "true", triggers: ["a"] });
      const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
      for (const [triggers, replaces] of [
        [["a"], undefined],
        // For these the program's SDK requests the replacement.
        [["b"], undefined],
        [[unknown], undefined],
        [unknown, ["triggers"]],
        [undefined, ["triggers"]],
      ] as const) {
        const { triggers: _, ...others } = made.inputs;
        const news = triggers === undefined ? others : { ...others, triggers: triggers as Value };
        const answer = await plugin.call("Diff", {
          ...{ urn: made.urn, id: made.id, olds: made.state, oldInputs: made.inputs, news },
        });
        assert.deepEqual(answer.replaces, replaces, JSON.stringify(triggers));
      }
    });

    it("passes on where to run, by which interpreter, and with which variables", async () => {
      const { state } = await plugin.create(LOCAL, {
        create: 'echo "$GREETING from $PWD, by $0"',
        dir: plugin.folder,
        interpreter: ["/bin/bash", "-c"],
        environment: { GREETING: "hello" },
      });
      assert.equal(state.stdout, `hello from ${plugin.folder}, by /bin/bash`);
    });

    it("updates by create if there is no update, and passes it the previous output", async () => {
      const line = 'echo "$N after $PULUMI_COMMAND_STDOUT"';
      const first = await plugin.create(LOCAL, { create: line, environment: { N: "1" } });
      const news = await plugin.check(LOCAL, { create: line, environment: { N: "2" } });
      const request = { urn: first.urn, id: first.id, olds: first.state, news };
      assert.deepEqual((await plugin.call("Diff", request)).detailedDiff, {
        "environment.N": { kind: "UPDATE" },
      });
      assert.equal((await plugin.call("Update", request)).properties?.stdout, "2 after 1 after ");

      const quiet = { ...news, addPreviousOutputInEnv: false };
      const { properties } = await plugin.call("Update", { ...request, news: quiet });
      assert.equal(properties?.stdout, "2 after ");
    });

    it("updates a command with more output than a variable holds, if that is not passed on", async () => {
      const long = {
        create: "head -c 200000 /dev/zero | tr '\\\\0' x; echo; echo $N",
        addPreviousOutputInEnv: false,
      };
      const first = await plugin.create(LOCAL, { ...long, environment: { N: "1" } });
      const news = await plugin.check(LOCAL, { ...long, environment: { N: "2" } });
      const request = { urn: first.urn, id: first.id, olds: first.state, news };
      assert.match(`${(await plugin.call("Update", request)).properties?.stdout}`, /\n2$/);
    });

    it("fails as the command does, with all that it printed", async () => {
      await assert.rejects(
        plugin.create(LOCAL, { create: "echo out; echo err >&2; exit 3" }),
        /2 UNKNOWN: exit status 3: running "echo out; echo err >&2; exit 3":\n(out\nerr|err\nout)\n$/,
      );
    });

    it("ends a running command, and what it started, when the engine cancels", async () => {
      const running = plugin.create(LOCAL, { create: "sleep 120 & echo child $!.; wait" });
      running.catch(() => {});
      await until(() => /child \d+\./.test(plugin.logged().join()));
      const [, child = ""] = /child (\d+)\./.exec(plugin.logged().join()) ?? [];
      assert(existsSync(`/proc/${child}`));
      await plugin.call("Cancel", {});
      await assert.rejects(running, /signal: killed/);
      await until(() => !existsSync(`/proc/${child}`));
    });

    it("keeps the configured streams out of the log", async () => {
      for (const [logging, expected] of Object.entries({
        stdout: ["out"],
        stderr: ["err"],
        stdoutAndStderr: ["out", "err"],
        none: [],
      })) {
        plugin.logs.length = 0;
        const { state } = await plugin.create(LOCAL, {
          create: "echo out; sleep 0.1; echo err >&2",
          logging,
        });
        assert.deepEqual(plugin.logged(), expected);
        assert.equal(state.stdout, "out");
        assert.equal(state.stderr, "err");
      }
    });

    it("runs nothing in a preview, and its output is unknown", async () => {
      const marker = plugin.path("touched");
      const properties = await plugin.check(LOCAL, { create: `touch ${marker}` });
      const answer = await plugin.call("Create", { urn: urnOf(LOCAL), properties, preview: true });
      assert.equal(answer.properties?.stdout, "04da6b54-80e4-46f7-96ec-b56ff0331ba9");
      assert.throws(() => readFileSync(marker), /ENOENT/);
    });
  });
});
