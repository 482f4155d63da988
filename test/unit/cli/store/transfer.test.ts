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
import { ask, entries, usageSchema } from "../../../../cli/store/ask";
import { fetch } from "../../../../cli/store/fetch";
import { fetchAsOne } from "../../../../cli/store/fetch-as-one";
import { send } from "../../../../cli/store/send";
import { tree } from "../../../../cli/store/tree";
import { FakeHdfs } from "./fake-hdfs";
import { FakeManager } from "./manager";

/** Names that are ordinary to people, and special to something on the way. */
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

  /** What is in a folder of this machine: contents of files, and folders. */
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

  describe("takes files and gives them back", () => {
    it("whatever their names, with their times, and folders with nothing in them", async () => {
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

    it("side by side, each on a connection of its own", async () => {
      for (let index = 0; index < 10; index++) write(`in/${index}`, `${index}`);
      await copy([manager.path("in")]);
      equal(Object.keys(hdfs.files("/data/in")).length, 10);
      const own = manager.connections.filter((options) => options.includes("ControlPath=none"));
      equal(own.length, 4);
    });

    it("once: what is there is not sent again, what has changed is", async () => {
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

  describe("goes on", () => {
    const large = Buffer.alloc(20_000_000, "0123456789abcdef-");

    it("with a file from where it broke off, and shows none that is not whole", async () => {
      const file = write("large", large);
      hdfs.breakAfter = 8_000_000;
      // Its writer is known to have gone only after a while.
      hdfs.otherWriter = 1;
      equal(await copy([file]), large.length);
      deepEqual(Object.keys(hdfs.files("/data")), ["/data/large"]);
      ok(hdfs.nodes.get("/data/large")?.content?.equals(large));
      ok(hdfs.written < large.length + 4_000_000, `${hdfs.written} bytes were written`);
    });

    it("with no other file's beginning", async () => {
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

    it("a file where a folder is", async () => {
      hdfs.put("/data/a/b", "1");
      await rejects(copy([write("a", "1")]), {
        message: "/data/a is a folder there, and a file here.",
      });
    });

    it("more than there is room for, in as many copies as files get", async () => {
      hdfs.room = 9;
      await rejects(copy([write("a", "12345")]), {
        message: /^The store is full: .* has room for 0\.0 MB/,
      });
    });

    it("files while none of its hosts is up", async () => {
      hdfs.hosts = 0;
      await rejects(copy([write("a", "1")]), { message: /^No host of the store is up/ });
    });

    it("to be asked when it is not there", async () => {
      await hdfs.stop();
      await rejects(entries(manager.ssh, ["/"]), {
        code: "failed",
        message: /^The store's NameNode does not answer at 127\.0\.0\.1:\d+ .*`spark-swarm status`/,
      });
      await hdfs.start();
    });

    it("to replace files here, unless that is meant", async () => {
      hdfs.put("/data/out/a", "new");
      const here = write("home/out/a", "old");
      await rejects(fetch(manager.ssh, ["/data/out"], manager.path("home"), false), {
        message: /home\/out\/a would be replaced\. Nothing was fetched\./,
      });
      equal(readFileSync(here, "utf8"), "old");
      await fetch(manager.ssh, ["/data/out"], manager.path("home"), true);
      equal(readFileSync(here, "utf8"), "new");
    });

    it("to replace a folder here by a file in any case", async () => {
      hdfs.put("/data/a", "new");
      write("home/a/b", "old");
      await rejects(
        fetch(manager.ssh, ["/data/a"], manager.path("home"), true),
        /would be replaced/,
      );
    });

    it("what is not there", async () => {
      const missing = { code: "failed", message: "There is no /nope." };
      await rejects(entries(manager.ssh, ["/nope"]), missing);
      await rejects(fetch(manager.ssh, ["/nope"], manager.path("home"), false), missing);
      ok(!existsSync(manager.path("home")));
    });
  });

  it("says what is where, and how much", async () => {
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

  it("removes all that is named or nothing, folders when that is meant", async () => {
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

  it("knows of no S3 where there is none", async () => {
    await rejects(entries(manager.ssh, ["s3a://lake/x"]), /^Error: This cluster has no S3/);
  });

  describe("gives part files as one", () => {
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

    it("with all lines or one header when that is said", async () => {
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

    it("but not CSV as what has types, and no folder without files", async () => {
      parts("csv", "a\n1\n");
      await rejects(asOne("/out", "parquet"), /get it --as NAME\.csv, or let Spark read it/);
      hdfs.folder("/empty");
      await rejects(asOne("/empty", "csv"), /has no files with anything in them/);
      deepEqual(
        readdirSync(manager.folder).filter((name) => name.startsWith(".")),
        [],
      );
    });

    it("but not over a file that is here", async () => {
      parts("csv", "a\n");
      const file = write("one.csv", "old");
      const how = { format: "csv", force: false } as const;
      await rejects(fetchAsOne(manager.ssh, "/out", file, how), /one\.csv would be replaced/);
      match(readFileSync(file, "utf8"), /old/);
    });
  });
});
