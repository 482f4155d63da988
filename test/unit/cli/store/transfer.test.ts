import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { sources } from "../../../../cli/files/data-paths";
import { ask, entries, namedSchema, startStore, usageSchema } from "../../../../cli/store/ask";
import { fetch, markSaved } from "../../../../cli/store/fetch";
import { fetchAsOne } from "../../../../cli/store/fetch-as-one";
import { send } from "../../../../cli/store/send";
import { tree } from "../../../../cli/store/tree";
import { FakeHdfs } from "./fake-hdfs";
import { FakeManager } from "./manager";

/** Names that are ordinary to users, but special to a program on the way. */
const NAMES = [
  ...["a b", "100%", "a%20b", "a+b&c=d", "#1", "what?", "it's", 'a "b"', "-dash", "[x]", "*", "~"],
  ...[
    "São Paulo",
    "Sa\u0303o",
    "東京",
    "🎉",
    "back\\slash",
    "tab\t",
    "line\nbreak",
    "a;b",
    "x".repeat(250),
  ],
  ".complete",
];

describe("the cluster's store", function () {
  this.timeout(30_000);
  let hdfs: FakeHdfs;
  let manager: FakeManager;
  beforeEach(async () => {
    hdfs = new FakeHdfs();
    await hdfs.start();
    manager = new FakeManager({ SPARK_STORE_ADDRESS: hdfs.address });
  });
  afterEach(async () => {
    manager.remove();
    await hdfs.stop();
  });

  function write(name: string, content: string | Buffer): string {
    const path = manager.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }
  const copy = (paths: string[], folder = "/data") =>
    send(manager.ssh, tree(sources(paths)), folder);

  /** The content of a local folder: files' texts, and folders. */
  function contents(folder: string): Record<string, string> {
    const found: Record<string, string> = {};
    const look = (directory: string) => {
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        const path = join(directory, entry.name);
        found[relative(folder, path)] = entry.isDirectory() ? "folder" : readFileSync(path, "utf8");
        if (entry.isDirectory()) look(path);
      }
    };
    look(folder);
    return found;
  }

  describe("accepts files and returns them", () => {
    it("whatever their names, with their times, and empty folders", async () => {
      for (const name of NAMES) write(`in/names/${name}`, `content of ${name}`);
      write("in/empty file", "");
      mkdirSync(manager.path("in/empty folder/inside"), { recursive: true });
      symlinkSync("names/#1", manager.path("in/link"));
      utimesSync(manager.path("in/empty file"), 1, 1582980896.789);
      await copy([manager.path("in")]);
      const arrived = await fetch(manager.ssh, ["/data/in"], manager.path("home"), false);
      deepEqual(contents(manager.path("home/in")), contents(manager.path("in")));
      equal(statSync(manager.path("home/in/empty file")).mtimeMs, 1582980896789);
      equal(arrived.filter(({ type }) => type === "file").length, NAMES.length + 2);
      deepEqual(readdirSync(manager.path("home")), ["in"]);
    });

    it("in parallel, each on its own connection", async () => {
      for (let index = 0; index < 10; index++) write(`in/${index}`, `${index}`);
      await copy([manager.path("in")]);
      equal(Object.keys(hdfs.files("/data/in")).length, 10);
      const own = manager.connections.filter((options) => options.includes("ControlPath=none"));
      equal(own.length, 4);
    });

    it("once: existing files are not sent again, changed ones are", async () => {
      const file = write("in/a", "first");
      write("in/b", "same");
      equal(await copy([manager.path("in")]), 9);
      equal(await copy([manager.path("in")]), 0);
      writeFileSync(file, "other");
      utimesSync(file, 2000, 2000);
      equal(await copy([manager.path("in")]), 5);
      deepEqual(hdfs.files("/data/in"), { "/data/in/a": "other", "/data/in/b": "same" });
    });
  });

  describe("resumes", () => {
    const large = Buffer.alloc(20_000_000, "0123456789abcdef-");

    it("a file where it was interrupted, and shows only complete ones", async () => {
      const file = write("large", large);
      hdfs.breakAfter = 8_000_000;
      // HDFS detects only after a while that the writer is gone.
      hdfs.otherWriter = 1;
      equal(await copy([file]), large.length);
      deepEqual(Object.keys(hdfs.files("/data")), ["/data/large"]);
      ok(hdfs.nodes.get("/data/large")?.content?.equals(large));
      ok(hdfs.written < large.length + 4_000_000, `${hdfs.written} bytes were written`);
    });

    it("but not another file", async () => {
      const file = write("large", large);
      hdfs.breakAfter = 8_000_000;
      const copying = copy([file]);
      while (hdfs.breakAfter !== undefined) await new Promise((done) => setTimeout(done, 10));
      const other = Buffer.alloc(large.length, "x");
      writeFileSync(file, other);
      utimesSync(file, 5000, 5000);
      await copying.catch(() => {});
      await copy([file]);
      ok(hdfs.nodes.get("/data/large")?.content?.equals(other));
    });

    it("when its NameNode has left safe mode", async () => {
      hdfs.safeMode = 1;
      await copy([write("a", "1")]);
      deepEqual(hdfs.files("/data"), { "/data/a": "1" });
    });
  });

  describe("refuses", () => {
    it("names that no job could read, before anything is sent", async () => {
      write("in/12:30", "1");
      write("in/ok", "2");
      await rejects(copy([manager.path("in")]), {
        code: "failed",
        message: /^No job could read names with a colon, .*: \/data\/in\/12:30\. Rename them/,
      });
      deepEqual(hdfs.files("/data"), {});
    });

    it("a file in place of a folder", async () => {
      hdfs.put("/data/a/b", "1");
      await rejects(copy([write("a", "1")]), {
        message: "/data/a is a folder there, and a file here.",
      });
    });

    it("more than the free space, with all copies of each file", async () => {
      hdfs.room = 9;
      await rejects(copy([write("a", "12345")]), {
        message: /^The store is full: .* has room for 4 B/,
      });
    });

    it("files while none of its hosts is up", async () => {
      hdfs.hosts = 0;
      await rejects(copy([write("a", "1")]), { message: /^No host of the store is up/ });
    });

    it("requests when it does not run", async () => {
      await hdfs.stop();
      await rejects(entries(manager.ssh, ["/"]), {
        code: "failed",
        message: /^The store's NameNode does not answer at 127\.0\.0\.1:\d+ .*`spark-swarm status`/,
      });
      await hdfs.start();
    });

    it("to replace local files without --force", async () => {
      hdfs.put("/data/out/a", "new");
      const here = write("home/out/a", "old");
      await rejects(fetch(manager.ssh, ["/data/out"], manager.path("home"), false), {
        message: /home\/out\/a would be replaced\. Nothing was fetched\./,
      });
      equal(readFileSync(here, "utf8"), "old");
      await fetch(manager.ssh, ["/data/out"], manager.path("home"), true);
      equal(readFileSync(here, "utf8"), "new");
    });

    it("to replace a local folder by a file in any case", async () => {
      hdfs.put("/data/a", "new");
      write("home/a/b", "old");
      await rejects(
        fetch(manager.ssh, ["/data/a"], manager.path("home"), true),
        /would be replaced/,
      );
    });

    it("missing paths", async () => {
      const missing = { code: "failed", message: "There is no /nope." };
      await rejects(entries(manager.ssh, ["/nope"]), missing);
      await rejects(fetch(manager.ssh, ["/nope"], manager.path("home"), false), missing);
      ok(!existsSync(manager.path("home")));
    });
  });

  it("lists files and their sizes", async () => {
    hdfs.put("/data/a", "123");
    hdfs.put("/data/b/c", "45");
    hdfs.put("/data/b/d", "6");
    deepEqual(
      (await entries(manager.ssh, ["/data", "/data/b/c"])).map(({ path, type }) => [path, type]),
      [
        ["/data/a", "file"],
        ["/data/b", "folder"],
        ["/data/b/c", "file"],
      ],
    );
    const used = await ask(manager.ssh, usageSchema, ["du", "/data"]);
    deepEqual(
      used.map(({ path, files, size, stored }) => [path, files, size, stored]),
      [
        ["/data/a", 1, 3, 6],
        ["/data/b", 2, 3, 6],
      ],
    );
  });

  it("removes all named paths or nothing, folders only with -r", async () => {
    hdfs.put("/data/a", "1");
    hdfs.put("/data/b/c", "2");
    const remove = (how: string, ...paths: string[]) =>
      ask(manager.ssh, usageSchema, ["rm", how, ...paths]);
    await rejects(remove("files", "/data/a", "/data/b"), /\/data\/b is a folder: --recursive/);
    await rejects(remove("recursive", "/data/a", "/data/x"), /There is no \/data\/x/);
    equal(Object.keys(hdfs.files("/data")).length, 2);
    await remove("recursive", "/data/a", "/data/b");
    deepEqual(hdfs.files("/data"), {});
  });

  it("reports that the cluster has no S3", async () => {
    await rejects(entries(manager.ssh, ["s3a://lake/x"]), /^Error: This cluster has no S3/);
  });

  describe("returns part files as one", () => {
    const asOne = async (path: string, format: "csv" | "json" | "parquet", header?: boolean) => {
      const file = manager.path(`one.${format}`);
      await fetchAsOne(manager.ssh, path, file, { format, header, force: true });
      return readFileSync(file, "utf8");
    };
    const parts = (extension: string, ...texts: (string | Buffer)[]) => {
      hdfs.put("/out/_SUCCESS", "");
      hdfs.put("/out/.part-00000.crc", "x");
      texts.forEach((text, index) => {
        hdfs.put(`/out/part-0000${index}-c000.${extension}`, text);
      });
    };

    it("with one header, byte for byte", async () => {
      parts("csv", 'id,name\n007,"a\nb"\n', "id,name\n1.10,\n", "id,name\n");
      equal(await asOne("/out", "csv"), 'id,name\n007,"a\nb"\n1.10,\n');
    });

    for (const [what, ...texts] of [
      ["other lines", "1,a\n2,b\n", "3,c\n"],
      ["the same numbers", "1,a\n2,b\n", "1,a\n"],
      ["the same line again and again", "x\nx\n", "x\nx\n"],
      ["the same line alone", "done\n", "done\n"],
    ] as const) {
      it(`with all lines where parts begin with ${what}`, async () => {
        parts("csv", ...texts);
        equal(await asOne("/out", "csv"), texts.join(""));
      });
    }

    it("with all lines or one header by option", async () => {
      parts("csv", "a\n1\n", "a\n2\n");
      equal(await asOne("/out", "csv", false), "a\n1\na\n2\n");
      parts("csv", "1\n1\n", "1\n2\n");
      equal(await asOne("/out", "csv", true), "1\n1\n2\n");
      parts("csv", "1\n1\n", "2\n2\n");
      await rejects(asOne("/out", "csv", true), /begin with different lines/);
    });

    it("each line on its own, also of compressed ones", async () => {
      parts("json.gz", gzipSync('{"a":1}'), gzipSync('{"a":1e400}\n'));
      equal(await asOne("/out", "json"), '{"a":1}\n{"a":1e400}\n');
    });

    for (const [what, path, message] of [
      ["tables whose log says what counts", "/out/_delta_log/0.json", /is a Delta table/],
      ["what a stream has written", "/out/_spark_metadata/0", /is a stream's output/],
      ["Iceberg's tables", "/out/metadata/v1.metadata.json", /is an Iceberg table/],
      ["values in the names of folders", "/out/year=2026/part-1.csv", /of year are in the names/],
      ["files of several kinds", "/out/part-1.json", /several kinds: csv, json/],
    ] as const) {
      it(`but not ${what}`, async () => {
        parts("csv", "a\n1\n");
        hdfs.put(path, "{}\n");
        await rejects(asOne("/out", "csv"), message);
      });
    }

    it("but not CSV as a typed format, and no folder without files", async () => {
      parts("csv", "a\n1\n");
      await rejects(asOne("/out", "parquet"), /get it --as NAME\.csv, or let Spark read it/);
      hdfs.folder("/empty");
      await rejects(asOne("/empty", "csv"), /has no files with anything in them/);
      deepEqual(
        readdirSync(manager.folder).filter((name) => name.startsWith(".")),
        [],
      );
    });

    it("but not over a local file", async () => {
      parts("csv", "a\n");
      const file = write("one.csv", "old");
      const how = { format: "csv", force: false } as const;
      await rejects(fetchAsOne(manager.ssh, "/out", file, how), /one\.csv would be replaced/);
      match(readFileSync(file, "utf8"), /old/);
    });
  });

  describe("knows which files exist nowhere else", () => {
    const unsaved = async () => {
      const ended = await startStore(manager.ssh, ["unsaved"], {}).ended;
      equal(ended.status, 0, ended.stderr);
      return ended.stdout;
    };

    it("those that jobs wrote, by place", async () => {
      hdfs.put("/data/out/year=2026/part-0", "x".repeat(1024 ** 2));
      hdfs.put("/data/out/year=2026/part-1", "x".repeat(1024 ** 2));
      hdfs.put("/warehouse/sales/part-0", "x".repeat(1024 ** 2));
      equal(await unsaved(), "/data/out  2 files, 2.1 MB\n/warehouse/sales  1 file, 1.0 MB\n");
    });

    it("but not temporary nor empty ones", async () => {
      hdfs.put("/data/out/_temporary/0/part-0", "x");
      hdfs.put("/data/out/_SUCCESS", "");
      hdfs.put("/tmp/x", "x");
      hdfs.put("/user/spark/.sparkStaging/x", "x");
      hdfs.put("/data/.a._COPYING_", "x");
      equal(await unsaved(), "");
    });

    it("nor copied ones, until a job rewrites them", async () => {
      await copy([write("rows.csv", "a\n1\n")]);
      equal(await unsaved(), "");
      hdfs.nodes.delete("/data/rows.csv");
      hdfs.put("/data/rows.csv", "of a job");
      match(await unsaved(), /^\/data\/rows\.csv {2}1 file/);
    });

    it("nor fetched ones", async () => {
      hdfs.put("/data/out/part-0.csv", "1\n");
      hdfs.put("/data/other/part-0.csv", "2\n");
      hdfs.put("/data/third", "3\n");
      await fetch(manager.ssh, ["/data/out"], manager.path("home"), false);
      const how = { format: "csv", force: false } as const;
      await fetchAsOne(manager.ssh, "/data/other", manager.path("home/other.csv"), how);
      match(await unsaved(), /^\/data\/third .*\n$/);
    });

    it("but those that changed after the listing, of which an older version was fetched", async () => {
      hdfs.put("/data/out", "old", 1);
      const [listed] = await ask(manager.ssh, namedSchema, ["list", "/data/out"]);
      ok(listed);
      hdfs.put("/data/out", "new", 2);
      await markSaved(manager.ssh, [listed]);
      match(await unsaved(), /^\/data\/out/);
    });
  });

  describe("adopts a host's earlier files", () => {
    const adopt = async () => {
      const words = ["adopt", manager.path("host"), manager.path("record")];
      const ended = await startStore(manager.ssh, words, {}).ended;
      equal(ended.status, 0, ended.stderr);
      return ended.stdout;
    };
    const inStore = (name: string) =>
      hdfs.nodes.get(manager.path("host", name))?.content?.toString();

    it("each file once, if it does not exist", async () => {
      write("host/a b/c.csv", "c");
      write("host/d", "of the host");
      hdfs.put(manager.path("host/d"), "of the store");
      match(await adopt(), /^1 file of the manager's .* copied to the store\n$/);
      equal(inStore("a b/c.csv"), "c");
      equal(inStore("d"), "of the store");
      hdfs.nodes.delete(manager.path("host/a b/c.csv"));
      equal(await adopt(), "");
      equal(inStore("a b/c.csv"), undefined);
    });

    it("except unreadable names, which it reports, and incomplete files", async () => {
      write("host/a:b", "x");
      write("host/.incoming-1/x", "x");
      write("host/c", "c");
      match(await adopt(), /copied to the store\n.*a:b stays there: no job could read .* colon\n$/);
      deepEqual(Object.values(hdfs.files(manager.path("host"))), ["c"]);
    });
  });
});
