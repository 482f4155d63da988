import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import {
  isObject,
  type Properties,
  reveal,
  secret,
  type Value,
} from "../../emulators/plugins/lib/values";
import { eventually } from "../e2e/harness/programs";
import { connectionTo, describeCommandPlugin, until } from "./command-plugin";
import { recorded } from "./recordings";
import { REMOTE } from "./resource-types";

describeCommandPlugin((plugin) => {
  describe("remote.Command", () => {
    for (const { request, response } of recorded("Create", REMOTE)) {
      it(`creates as recorded: ${response?.id}`, async () => {
        // The server answers each recorded command with the recorded output.
        const server = await plugin.serve();
        const { stdout } = response?.properties ?? {};
        const recordedInputs = request.properties ?? {};
        const properties = {
          ...recordedInputs,
          create: replaced(recordedInputs.create, `cat >/dev/null; echo '${stdout}'`),
          connection: secret(connectionTo(server)),
        };
        const answer = await plugin.call("Create", { ...request, properties });
        const prefix = response?.id?.slice(0, -8);
        assert.match(answer.id ?? "", new RegExp(`^${prefix}[0-9a-f]{8}$`));
        const { connection, create } = properties;
        assert.deepEqual(answer.properties, { ...response?.properties, connection, create });
      });
    }

    it("updates, fails and deletes as recorded", async () => {
      const server = await plugin.serve();
      for (const { request, response, errors } of recorded("Update", REMOTE)) {
        const connection = secret(connectionTo(server));
        const line = String(reveal(request.news?.update ?? request.news?.create ?? ""));
        const printed = errors ? errors[0]?.split('":\n')[1] : response?.properties?.stdout;
        const script = `printf '%s${errors ? "" : "\\n"}' '${printed}'${errors ? " >&2; exit 1" : ""}`;
        const key = request.news?.update ? "update" : "create";
        const news = { ...request.news, connection, [key]: replaced(request.news?.[key], script) };
        const update = plugin.call("Update", { ...request, news });
        if (errors) {
          const expected = errors[0]
            ?.replace("rpc error: code = Unknown desc = ", "2 UNKNOWN: ")
            .replace(JSON.stringify(line), JSON.stringify(script));
          await assert.rejects(update, { message: expected });
        } else {
          const expected = { ...response?.properties, connection, [key]: news[key] };
          assert.deepEqual((await update).properties, expected);
        }
      }
      for (const { request, response } of recorded("Read", REMOTE)) {
        assert.deepEqual(await plugin.call("Read", request), response);
      }
      for (const { request, response } of recorded("Delete", REMOTE)) {
        // Without a delete command nothing is done, and no connection made.
        assert.equal(request.properties?.delete, undefined);
        assert.deepEqual(await plugin.call("Delete", request), response);
      }
    });

    it("reads the command's input from stdin, and drops the last newline", async () => {
      const server = await plugin.serve();
      const { state } = await plugin.create(REMOTE, {
        connection: connectionTo(server),
        create: "cat; echo; echo err >&2",
        stdin: "a\nb ü",
      });
      assert.equal(state.stdout, "a\nb ü");
      assert.equal(state.stderr, "err");
    });

    it("shows what the command prints while it runs, line by line", async () => {
      const server = await plugin.serve();
      const shown = plugin.path("shown");
      // It continues when its first line has been shown, and fails if that was not while it ran.
      const created = plugin.create(REMOTE, {
        connection: connectionTo(server),
        create: `printf 'one\\ntw'; for _ in $(seq 300); do sleep 0.1; if [ -e ${shown} ]; then printf 'o\\nthree'; exit; fi; done; exit 1`,
      });
      await eventually(30, () => assert(plugin.logged().includes("one")));
      writeFileSync(shown, "");
      await created;
      assert.deepEqual(plugin.logged(), ["one", "two", "three"]);
      const three = plugin.logs.at(-1);
      assert(three?.ephemeral && three.severity === "info");
    });

    it("fails with status and signal as the official one does", async () => {
      const server = await plugin.serve();
      const connection = connectionTo(server);
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "echo gone wrong >&2; exit 4" }),
        /2 UNKNOWN: Process exited with status 4: running "echo gone wrong >&2; exit 4":\ngone wrong\n$/,
      );
      await assert.rejects(
        plugin.create(REMOTE, { connection, create: "kill -TERM $$" }),
        /Process exited with status 143 from signal TERM: running "kill -TERM \$\$"/,
      );
    });

    it("sets the variables that the server accepts", async () => {
      const server = await plugin.serve({ acceptEnv: ["A", "PULUMI_COMMAND_STDOUT"] });
      const connection = connectionTo(server);
      const line = 'echo "$A,$PULUMI_COMMAND_STDOUT"';
      const first = await plugin.create(REMOTE, {
        connection,
        create: line,
        environment: { A: "1" },
      });
      assert.equal(first.state.stdout, "1,");
      const { urn, id, inputs, state } = first;
      const update = await plugin.call("Update", { urn, id, olds: state, news: inputs });
      assert.equal(update.properties?.stdout, "1,1,");
    });

    it("refuses to run without a variable that the server refuses", async () => {
      const marker = plugin.path("ran");
      const server = await plugin.serve();
      await assert.rejects(
        plugin.create(REMOTE, {
          connection: connectionTo(server),
          create: `touch ${marker}`,
          environment: { B: "1" },
        }),
        /could not set environment variable "B": ssh: setenv failed/,
      );
      assert.throws(() => readFileSync(marker), /ENOENT/);
    });

    it("only warns when the server refuses the previous output", async () => {
      const server = await plugin.serve();
      const connection = connectionTo(server);
      const { urn, id, inputs, state } = await plugin.create(REMOTE, {
        connection,
        create: "echo 1",
      });
      const update = await plugin.call("Update", { urn, id, olds: state, news: inputs });
      assert.equal(update.properties?.stdout, "1");
      const warnings = plugin.logs.filter(({ severity }) => severity === "warning");
      assert.match(warnings[0]?.message ?? "", /Unable to set 'PULUMI_COMMAND_STDOUT'/);
    });

    it("ends the command when the engine cancels, and dialling too", async () => {
      const server = await plugin.serve();
      const running = plugin.create(REMOTE, {
        connection: connectionTo(server),
        create: "echo started; sleep 20 & wait",
      });
      const dialling = plugin.create(REMOTE, {
        connection: connectionTo({ port: 1 }, { dialErrorLimit: -1 }),
        create: "true",
      });
      for (const call of [running, dialling]) call.catch(() => {});
      await until(() => plugin.logged().includes("started"));
      await plugin.call("Cancel", {});
      await assert.rejects(running, /Process exited with status 143 from signal TERM/);
      await assert.rejects(dialling, /cancelled/);
      await until(() => server.commands.size === 0);
    });

    it("keeps secrets secret", async () => {
      const server = await plugin.serve();
      const { inputs, state } = await plugin.create(REMOTE, {
        connection: connectionTo(server),
        create: "cat",
        stdin: secret("hush"),
        logging: "none",
      });
      for (const properties of [inputs, state]) {
        assert.deepEqual(properties.stdin, secret("hush"));
        assert.equal(visible(properties.connection), "secret");
        const { connection } = properties;
        const { privateKey } = (isObject(connection) ? connection.value : {}) as Properties;
        assert.equal(visible(privateKey), "secret");
      }
      assert.equal(state.stdout, "hush");
      assert.deepEqual(plugin.logged(), []);
    });
  });
});

const visible = (value: Value | undefined) =>
  isObject(value) && "value" in value && Object.keys(value).length === 2 ? "secret" : "plain";

/** The new value, secret if the old one was. */
function replaced(old: Value | undefined, value: Value): Value {
  return visible(old) === "secret" ? secret(value) : value;
}
