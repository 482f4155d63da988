import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Properties, secret, type Value } from "../../emulators/plugins/lib/values";
import { connectionTo, describeCommandPlugin } from "./command-plugin";
import { recorded } from "./recordings";

const COPY_TO_REMOTE = "command:remote:CopyToRemote";
const COPY_FILE = "command:remote:CopyFile";

describeCommandPlugin((plugin) => {
  describe("CopyToRemote and CopyFile", () => {
    const ASSET = "c44067f5952c0a294b673a41bacd8c17";
    const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
    const SIGNATURE = "4dabf18193072939515e22adb298388d";
    const asset = (content: Properties) => ({ [SIGNATURE]: ASSET, hash: "h", ...content });
    const archive = (path: string) => ({ [SIGNATURE]: ARCHIVE, hash: "h", path });
    let connection: Properties;

    beforeEach(async () => {
      const { hostKey, ...unpinned } = connectionTo(await plugin.serve(), { dialErrorLimit: 0 });
      connection = unpinned;
      mkdirSync(plugin.path("site/css"), { recursive: true });
      writeFileSync(plugin.path("site/index.html"), "<p>");
      writeFileSync(plugin.path("site/css/a.css"), "b {}");
      writeFileSync(plugin.path("big"), Buffer.alloc(300_000, 7));
    });

    it("creates as recorded", async () => {
      for (const { request, response } of recorded("Create", COPY_TO_REMOTE)) {
        const remotePath = plugin.path("hello");
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
        plugin.create(COPY_TO_REMOTE, { connection, source, remotePath: plugin.path(remotePath) });
      mkdirSync(plugin.path("existing"));
      await copy(asset({ path: plugin.path("big") }), "new/place/renamed");
      await copy(asset({ path: plugin.path("big") }), "existing");
      await copy(archive(plugin.path("site")), "existing");
      await copy(archive(`${plugin.path("site")}/`), "content");
      const big = readFileSync(plugin.path("big"));
      assert(readFileSync(plugin.path("new/place/renamed")).equals(big));
      assert(readFileSync(plugin.path("existing/big")).equals(big));
      assert.equal(readFileSync(plugin.path("existing/site/css/a.css"), "utf8"), "b {}");
      assert.equal(readFileSync(plugin.path("content/index.html"), "utf8"), "<p>");
    });

    it("copies again only what changed", async () => {
      const remotePath = plugin.path("text");
      const source = asset({ text: "one", hash: "1" });
      const { urn, id, state } = await plugin.create(COPY_TO_REMOTE, {
        connection,
        source,
        remotePath,
      });
      writeFileSync(remotePath, "touched");
      const update = async (hash: string) => {
        const again = asset({ text: "two", hash });
        const news = await plugin.check(COPY_TO_REMOTE, { connection, source: again, remotePath });
        await plugin.call("Update", { urn, id, olds: state, news });
        return readFileSync(remotePath, "utf8");
      };
      assert.equal(await update("1"), "touched");
      assert.equal(await update("2"), "two");
    });

    it("fails where it cannot write", async () => {
      const source = asset({ text: "x" });
      await assert.rejects(
        plugin.create(COPY_TO_REMOTE, { connection, source, remotePath: plugin.folder }),
        /remote path .* is a directory; when using a text asset, remotePath must be a file path/,
      );
      writeFileSync(plugin.path("file"), "");
      await assert.rejects(
        plugin.create(COPY_TO_REMOTE, {
          connection,
          source,
          remotePath: plugin.path("file/below"),
        }),
        /failed to/,
      );
    });

    it("copies a single file, and replaces it when anything changes", async () => {
      const paths = { localPath: plugin.path("big"), remotePath: plugin.path("copy") };
      const { urn, id, inputs, state } = await plugin.create(COPY_FILE, { connection, ...paths });
      assert(readFileSync(paths.remotePath).equals(readFileSync(paths.localPath)));
      const news = { ...inputs, remotePath: plugin.path("other") };
      const diff = await plugin.call("Diff", { urn, id, olds: state, oldInputs: inputs, news });
      assert.deepEqual(diff.detailedDiff, { remotePath: { kind: "UPDATE_REPLACE" } });
    });
  });
});
