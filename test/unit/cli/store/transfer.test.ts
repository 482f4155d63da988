import { deepEqual, equal, ok } from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fetch } from "../../../../cli/store/fetch";
import { describeStore } from "./store";

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

describeStore("the cluster's store", (store) => {
  describe("accepts files and returns them", () => {
    it("whatever their names, with their times, and empty folders", async () => {
      for (const name of NAMES) store.write(`in/names/${name}`, `content of ${name}`);
      store.write("in/empty file", "");
      mkdirSync(store.manager.path("in/empty folder/inside"), { recursive: true });
      symlinkSync("names/#1", store.manager.path("in/link"));
      utimesSync(store.manager.path("in/empty file"), 1, 1582980896.789);
      await store.copy([store.manager.path("in")]);
      const arrived = await fetch(
        store.manager.ssh,
        ["/data/in"],
        store.manager.path("home"),
        false,
      );
      deepEqual(contents(store.manager.path("home/in")), contents(store.manager.path("in")));
      equal(statSync(store.manager.path("home/in/empty file")).mtimeMs, 1582980896789);
      equal(arrived.filter(({ type }) => type === "file").length, NAMES.length + 2);
      deepEqual(readdirSync(store.manager.path("home")), ["in"]);
    });

    it("in parallel, each on its own connection", async () => {
      for (let index = 0; index < 10; index++) store.write(`in/${index}`, `${index}`);
      await store.copy([store.manager.path("in")]);
      equal(Object.keys(store.hdfs.files("/data/in")).length, 10);
      const own = store.manager.connections.filter((options) =>
        options.includes("ControlPath=none"),
      );
      equal(own.length, 4);
    });

    it("once: existing files are not sent again, changed ones are", async () => {
      const file = store.write("in/a", "first");
      store.write("in/b", "same");
      equal(await store.copy([store.manager.path("in")]), 9);
      equal(await store.copy([store.manager.path("in")]), 0);
      writeFileSync(file, "other");
      utimesSync(file, 2000, 2000);
      equal(await store.copy([store.manager.path("in")]), 5);
      deepEqual(store.hdfs.files("/data/in"), { "/data/in/a": "other", "/data/in/b": "same" });
    });
  });

  describe("resumes", () => {
    const large = Buffer.alloc(20_000_000, "0123456789abcdef-");

    it("a file where it was interrupted, and shows only complete ones", async () => {
      const file = store.write("large", large);
      store.hdfs.breakAfter = 8_000_000;
      // HDFS detects only after a while that the writer is gone.
      store.hdfs.otherWriter = 1;
      equal(await store.copy([file]), large.length);
      deepEqual(Object.keys(store.hdfs.files("/data")), ["/data/large"]);
      ok(store.hdfs.nodes.get("/data/large")?.content?.equals(large));
      ok(store.hdfs.written < large.length + 4_000_000, `${store.hdfs.written} bytes were written`);
    });

    it("but not another file", async () => {
      const file = store.write("large", large);
      store.hdfs.breakAfter = 8_000_000;
      const copying = store.copy([file]);
      while (store.hdfs.breakAfter !== undefined) await new Promise((done) => setTimeout(done, 10));
      const other = Buffer.alloc(large.length, "x");
      writeFileSync(file, other);
      utimesSync(file, 5000, 5000);
      await copying.catch(() => {});
      await store.copy([file]);
      ok(store.hdfs.nodes.get("/data/large")?.content?.equals(other));
    });

    it("when its NameNode has left safe mode", async () => {
      store.hdfs.safeMode = 1;
      await store.copy([store.write("a", "1")]);
      deepEqual(store.hdfs.files("/data"), { "/data/a": "1" });
    });
  });
});
