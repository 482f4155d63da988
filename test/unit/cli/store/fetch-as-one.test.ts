import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fetchAsOne } from "../../../../cli/store/fetch-as-one";
import { describeStore } from "./store";

describeStore("the cluster's store", (store) => {
  describe("returns part files as one", () => {
    const asOne = async (path: string, format: "csv" | "json" | "parquet", header?: boolean) => {
      const file = store.manager.path(`one.${format}`);
      await fetchAsOne(store.manager.ssh, path, file, { format, header, force: true });
      return readFileSync(file, "utf8");
    };
    const parts = (extension: string, ...texts: (string | Buffer)[]) => {
      store.hdfs.put("/out/_SUCCESS", "");
      store.hdfs.put("/out/.part-00000.crc", "x");
      texts.forEach((text, index) => {
        store.hdfs.put(`/out/part-0000${index}-c000.${extension}`, text);
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
      [
        "values in the names of folders",
        "/out/year=2026/part-1.csv",
        /of year are only in the names/,
      ],
      ["files of several kinds", "/out/part-1.json", /several kinds: csv, json/],
    ] as const) {
      it(`but not ${what}`, async () => {
        parts("csv", "a\n1\n");
        store.hdfs.put(path, "{}\n");
        await rejects(asOne("/out", "csv"), message);
      });
    }

    it("but not CSV as a typed format, and no folder without files", async () => {
      parts("csv", "a\n1\n");
      await rejects(asOne("/out", "parquet"), /get it --as NAME\.csv, or let Spark read it/);
      store.hdfs.folder("/empty");
      await rejects(asOne("/empty", "csv"), /has no files with content/);
      deepEqual(
        readdirSync(store.manager.folder).filter((name) => name.startsWith(".")),
        [],
      );
    });

    it("but not over a local file", async () => {
      parts("csv", "a\n");
      const file = store.write("one.csv", "old");
      const how = { format: "csv", force: false } as const;
      await rejects(
        fetchAsOne(store.manager.ssh, "/out", file, how),
        /one\.csv would be overwritten/,
      );
      match(readFileSync(file, "utf8"), /old/);
    });
  });
});
