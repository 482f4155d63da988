import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isObject,
  type Properties,
  reveal,
  secret,
  type Value,
} from "../../emulators/plugins/lib/values";
import { eventually } from "../e2e/harness/programs";
import { PluginProcess } from "./plugin-process";
import { recorded } from "./recordings";
import { newKey, type ServerOptions, SshServer } from "./ssh-server";

const LOCAL = "command:local:Command";
const REMOTE = "command:remote:Command";
const COPY_TO_REMOTE = "command:remote:CopyToRemote";
const COPY_FILE = "command:remote:CopyFile";

const hostKey = newKey();
const userKey = newKey();
const urnOf = (type: string) => `urn:pulumi:dev::contract::${type}::tested`;

describe("the command plugin at work", function () {
  this.timeout("5m");
  let plugin: PluginProcess;
  let folder: string;
  let servers: SshServer[];

  beforeEach(async () => {
    plugin = await PluginProcess.start("command");
    folder = mkdtempSync(join(tmpdir(), "contract-"));
    servers = [];
  });
  afterEach(async () => {
    await plugin.stop();
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function serve(options: Partial<ServerOptions> = {}): Promise<SshServer> {
    const server = await SshServer.start({ hostKey, authorized: [userKey.public], ...options });
    servers.push(server);
    return server;
  }

  async function check(type: string, news: Properties): Promise<Properties> {
    const { inputs = {}, failures } = await plugin.call("Check", { urn: urnOf(type), news });
    assert.equal(failures, undefined, JSON.stringify(failures));
    return inputs;
  }

  async function create(type: string, news: Properties) {
    const inputs = await check(type, news);
    const urn = urnOf(type);
    const { id = "", properties = {} } = await plugin.call("Create", { urn, properties: inputs });
    return { urn, id, inputs, state: properties };
  }

  const logged = () => plugin.logs.map(({ message }) => message);

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
        assert.deepEqual(logged(), ["gone"]);
      }
      for (const { request, response } of recorded("Read", LOCAL)) {
        assert.deepEqual(await plugin.call("Read", request), response);
      }
    });

    it("is replaced when its triggers are added, removed or unknown, as in the official plugin", async () => {
      const made = await create(LOCAL, { create: "true", triggers: ["a"] });
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
      const { state } = await create(LOCAL, {
        create: 'echo "$GREETING from $PWD, by $0"',
        dir: folder,
        interpreter: ["/bin/bash", "-c"],
        environment: { GREETING: "hello" },
      });
      assert.equal(state.stdout, `hello from ${folder}, by /bin/bash`);
    });

    it("updates by create if there is no update, and passes it the previous output", async () => {
      const line = 'echo "$N after $PULUMI_COMMAND_STDOUT"';
      const first = await create(LOCAL, { create: line, environment: { N: "1" } });
      const news = await check(LOCAL, { create: line, environment: { N: "2" } });
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
      const first = await create(LOCAL, { ...long, environment: { N: "1" } });
      const news = await check(LOCAL, { ...long, environment: { N: "2" } });
      const request = { urn: first.urn, id: first.id, olds: first.state, news };
      assert.match(`${(await plugin.call("Update", request)).properties?.stdout}`, /\n2$/);
    });

    it("fails as the command does, with all that it printed", async () => {
      await assert.rejects(
        create(LOCAL, { create: "echo out; echo err >&2; exit 3" }),
        /2 UNKNOWN: exit status 3: running "echo out; echo err >&2; exit 3":\n(out\nerr|err\nout)\n$/,
      );
    });

    it("ends a running command, and what it started, when the engine cancels", async () => {
      const running = create(LOCAL, { create: "sleep 120 & echo child $!.; wait" });
      running.catch(() => {});
      await until(() => /child \d+\./.test(logged().join()));
      const [, child = ""] = /child (\d+)\./.exec(logged().join()) ?? [];
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
        const { state } = await create(LOCAL, {
          create: "echo out; sleep 0.1; echo err >&2",
          logging,
        });
        assert.deepEqual(logged(), expected);
        assert.equal(state.stdout, "out");
        assert.equal(state.stderr, "err");
      }
    });

    it("runs nothing in a preview, and its output is unknown", async () => {
      const marker = join(folder, "touched");
      const properties = await check(LOCAL, { create: `touch ${marker}` });
      const answer = await plugin.call("Create", { urn: urnOf(LOCAL), properties, preview: true });
      assert.equal(answer.properties?.stdout, "04da6b54-80e4-46f7-96ec-b56ff0331ba9");
      assert.throws(() => readFileSync(marker), /ENOENT/);
    });
  });

  describe("remote.Command", () => {
    /** The smallest number of dials that shows a retry. */
    const connectionTo = ({ port }: { port: number }, more: Properties = {}): Properties => ({
      host: "127.0.0.1",
      port,
      user: "root",
      privateKey: userKey.private,
      hostKey: hostKey.public,
      dialErrorLimit: 1,
      perDialTimeout: 5,
      ...more,
    });

    for (const { request, response } of recorded("Create", REMOTE)) {
      it(`creates as recorded: ${response?.id}`, async () => {
        // The server answers each recorded command with the recorded output.
        const server = await serve();
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
      const server = await serve();
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
      const server = await serve();
      const { state } = await create(REMOTE, {
        connection: connectionTo(server),
        create: "cat; echo; echo err >&2",
        stdin: "a\nb ü",
      });
      assert.equal(state.stdout, "a\nb ü");
      assert.equal(state.stderr, "err");
    });

    it("shows what the command prints while it runs, line by line", async () => {
      const server = await serve();
      const shown = join(folder, "shown");
      // It continues when its first line has been shown, and fails if that was not while it ran.
      const created = create(REMOTE, {
        connection: connectionTo(server),
        create: `printf 'one\\ntw'; for _ in $(seq 300); do sleep 0.1; if [ -e ${shown} ]; then printf 'o\\nthree'; exit; fi; done; exit 1`,
      });
      await eventually(30, () => assert(logged().includes("one")));
      writeFileSync(shown, "");
      await created;
      assert.deepEqual(logged(), ["one", "two", "three"]);
      const three = plugin.logs.at(-1);
      assert(three?.ephemeral && three.severity === "info");
    });

    it("fails with status and signal as the official one does", async () => {
      const server = await serve();
      const connection = connectionTo(server);
      await assert.rejects(
        create(REMOTE, { connection, create: "echo gone wrong >&2; exit 4" }),
        /2 UNKNOWN: Process exited with status 4: running "echo gone wrong >&2; exit 4":\ngone wrong\n$/,
      );
      await assert.rejects(
        create(REMOTE, { connection, create: "kill -TERM $$" }),
        /Process exited with status 143 from signal TERM: running "kill -TERM \$\$"/,
      );
    });

    it("sets the variables that the server accepts", async () => {
      const server = await serve({ acceptEnv: ["A", "PULUMI_COMMAND_STDOUT"] });
      const connection = connectionTo(server);
      const line = 'echo "$A,$PULUMI_COMMAND_STDOUT"';
      const first = await create(REMOTE, { connection, create: line, environment: { A: "1" } });
      assert.equal(first.state.stdout, "1,");
      const { urn, id, inputs, state } = first;
      const update = await plugin.call("Update", { urn, id, olds: state, news: inputs });
      assert.equal(update.properties?.stdout, "1,1,");
    });

    it("refuses to run without a variable that the server refuses", async () => {
      const marker = join(folder, "ran");
      const server = await serve();
      await assert.rejects(
        create(REMOTE, {
          connection: connectionTo(server),
          create: `touch ${marker}`,
          environment: { B: "1" },
        }),
        /could not set environment variable "B": ssh: setenv failed/,
      );
      assert.throws(() => readFileSync(marker), /ENOENT/);
    });

    it("only warns when the server refuses the previous output", async () => {
      const server = await serve();
      const connection = connectionTo(server);
      const { urn, id, inputs, state } = await create(REMOTE, { connection, create: "echo 1" });
      const update = await plugin.call("Update", { urn, id, olds: state, news: inputs });
      assert.equal(update.properties?.stdout, "1");
      const warnings = plugin.logs.filter(({ severity }) => severity === "warning");
      assert.match(warnings[0]?.message ?? "", /Unable to set 'PULUMI_COMMAND_STDOUT'/);
    });

    // A cloud's machine may have another key for a moment, until its user data has installed its own.
    it("refuses a server whose key is not the pinned one, after as many dials as allowed", async () => {
      const server = await serve({ hostKey: newKey() });
      const connection = connectionTo(server, { dialErrorLimit: 2 });
      await assert.rejects(
        create(REMOTE, { connection, create: "true" }),
        /after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      );
      assert.equal(server.logins, 0);
    });

    it("refuses a pinned key that is invalid", async () => {
      const connection = connectionTo({ port: 1 }, { hostKey: "no key" });
      await assert.rejects(
        create(REMOTE, { connection, create: "true" }),
        /failed to parse host key/,
      );
    });

    it("gives up on a server that does not let it in, after as many dials as allowed", async () => {
      const server = await serve({ authorized: [newKey().public] });
      const connection = connectionTo(server, { dialErrorLimit: 2 });
      await assert.rejects(
        create(REMOTE, { connection, create: "true" }),
        /after 2 failed attempts: ssh: All configured authentication methods failed/,
      );
      assert.deepEqual(logged(), ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    });

    it("logs in by password", async () => {
      const server = await serve({ authorized: [], password: "open sesame" });
      const { privateKey, ...connection } = connectionTo(server, { password: "open sesame" });
      const { state } = await create(REMOTE, { connection, create: "echo in" });
      assert.equal(state.stdout, "in");
    });

    it("dials until the server exists", async () => {
      const { port } = await serve();
      await servers[0]?.stop();
      const connection = connectionTo({ port }, { dialErrorLimit: -1 });
      const running = create(REMOTE, { connection, create: "echo at last" });
      await until(() => logged().includes("Dial 2/inf failed: retrying"));
      await serve({ port });
      assert.equal((await running).state.stdout, "at last");
    });

    it("goes through a proxy", async () => {
      const target = await serve();
      const proxyKey = newKey();
      const proxy = await serve({ hostKey: proxyKey });
      const { state } = await create(REMOTE, {
        connection: connectionTo(target, {
          proxy: connectionTo(proxy, { hostKey: proxyKey.public }),
        }),
        create: "echo through",
      });
      assert.equal(state.stdout, "through");
      assert.deepEqual(proxy.forwardedTo, [`127.0.0.1:${target.port}`]);
    });

    it("pins the proxy's key too", async () => {
      const target = await serve();
      const proxy = await serve({ hostKey: newKey() });
      const connection = connectionTo(target, {
        proxy: connectionTo(proxy, { dialErrorLimit: 1 }),
      });
      await assert.rejects(
        create(REMOTE, { connection, create: "true" }),
        /proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      );
    });

    it("fails when the connection is lost while the command runs", async () => {
      const server = await serve();
      const running = create(REMOTE, {
        connection: connectionTo(server),
        create: "echo started; sleep 20",
      });
      running.catch(() => {});
      await until(() => logged().includes("started"));
      server.cut();
      await assert.rejects(running, /running "echo started; sleep 20":\nstarted/);
    });

    it("ends the command when the engine cancels, and dialling too", async () => {
      const server = await serve();
      const running = create(REMOTE, {
        connection: connectionTo(server),
        create: "echo started; sleep 20 & wait",
      });
      const dialling = create(REMOTE, {
        connection: connectionTo({ port: 1 }, { dialErrorLimit: -1 }),
        create: "true",
      });
      for (const call of [running, dialling]) call.catch(() => {});
      await until(() => logged().includes("started"));
      await plugin.call("Cancel", {});
      await assert.rejects(running, /Process exited with status 143 from signal TERM/);
      await assert.rejects(dialling, /cancelled/);
      await until(() => server.commands.size === 0);
    });

    it("closes its connections", async () => {
      const server = await serve();
      await create(REMOTE, { connection: connectionTo(server), create: "true" });
      await until(() => server.connections.size === 0);
    });

    it("keeps secrets secret", async () => {
      const server = await serve();
      const { inputs, state } = await create(REMOTE, {
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
      assert.deepEqual(logged(), []);
    });
  });

  describe("CopyToRemote and CopyFile", () => {
    const ASSET = "c44067f5952c0a294b673a41bacd8c17";
    const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
    const SIGNATURE = "4dabf18193072939515e22adb298388d";
    const asset = (content: Properties) => ({ [SIGNATURE]: ASSET, hash: "h", ...content });
    const archive = (path: string) => ({ [SIGNATURE]: ARCHIVE, hash: "h", path });
    let connection: Properties;

    beforeEach(async () => {
      const { port } = await serve();
      const login = { user: "root", privateKey: userKey.private };
      connection = { host: "127.0.0.1", port, ...login, dialErrorLimit: 0, perDialTimeout: 5 };
      mkdirSync(join(folder, "site/css"), { recursive: true });
      writeFileSync(join(folder, "site/index.html"), "<p>");
      writeFileSync(join(folder, "site/css/a.css"), "b {}");
      writeFileSync(join(folder, "big"), Buffer.alloc(300_000, 7));
    });

    it("creates as recorded", async () => {
      for (const { request, response } of recorded("Create", COPY_TO_REMOTE)) {
        const remotePath = join(folder, "hello");
        const properties = { ...request.properties, connection: secret(connection), remotePath };
        const answer = await plugin.call("Create", { ...request, properties });
        assert.match(answer.id ?? "", /^[0-9a-f]{8}$/);
        const expected = { ...response?.properties, connection: secret(connection), remotePath };
        assert.deepEqual(answer.properties, expected);
        assert.equal(readFileSync(remotePath, "utf8"), "hello");
      }
    });

    it("copies files to a path or into a folder, and folders as they are or their content", async () => {
      const copy = (source: Value, remotePath: string) =>
        create(COPY_TO_REMOTE, { connection, source, remotePath: join(folder, remotePath) });
      mkdirSync(join(folder, "existing"));
      await copy(asset({ path: join(folder, "big") }), "new/place/renamed");
      await copy(asset({ path: join(folder, "big") }), "existing");
      await copy(archive(join(folder, "site")), "existing");
      await copy(archive(`${join(folder, "site")}/`), "content");
      const big = readFileSync(join(folder, "big"));
      assert(readFileSync(join(folder, "new/place/renamed")).equals(big));
      assert(readFileSync(join(folder, "existing/big")).equals(big));
      assert.equal(readFileSync(join(folder, "existing/site/css/a.css"), "utf8"), "b {}");
      assert.equal(readFileSync(join(folder, "content/index.html"), "utf8"), "<p>");
    });

    it("copies again only what changed", async () => {
      const remotePath = join(folder, "text");
      const source = asset({ text: "one", hash: "1" });
      const { urn, id, state } = await create(COPY_TO_REMOTE, { connection, source, remotePath });
      writeFileSync(remotePath, "touched");
      const update = async (hash: string) => {
        const again = asset({ text: "two", hash });
        const news = await check(COPY_TO_REMOTE, { connection, source: again, remotePath });
        await plugin.call("Update", { urn, id, olds: state, news });
        return readFileSync(remotePath, "utf8");
      };
      assert.equal(await update("1"), "touched");
      assert.equal(await update("2"), "two");
    });

    it("fails where it cannot write", async () => {
      const source = asset({ text: "x" });
      await assert.rejects(
        create(COPY_TO_REMOTE, { connection, source, remotePath: folder }),
        /remote path .* is a directory; when using a text asset, remotePath must be a file path/,
      );
      writeFileSync(join(folder, "file"), "");
      await assert.rejects(
        create(COPY_TO_REMOTE, { connection, source, remotePath: join(folder, "file/below") }),
        /failed to/,
      );
    });

    it("copies a single file, and replaces it when anything changes", async () => {
      const paths = { localPath: join(folder, "big"), remotePath: join(folder, "copy") };
      const { urn, id, inputs, state } = await create(COPY_FILE, { connection, ...paths });
      assert(readFileSync(paths.remotePath).equals(readFileSync(paths.localPath)));
      const news = { ...inputs, remotePath: join(folder, "other") };
      const diff = await plugin.call("Diff", { urn, id, olds: state, oldInputs: inputs, news });
      assert.deepEqual(diff.detailedDiff, { remotePath: { kind: "UPDATE_REPLACE" } });
    });
  });
});

const visible = (value: Value | undefined) =>
  isObject(value) && "value" in value && Object.keys(value).length === 2 ? "secret" : "plain";

/** The new value, secret if the old one was. */
function replaced(old: Value | undefined, value: Value): Value {
  return visible(old) === "secret" ? secret(value) : value;
}

const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !condition(); ) {
    assert(Date.now() < deadline, `waited in vain for ${condition}`);
    await sleep(20);
  }
}
