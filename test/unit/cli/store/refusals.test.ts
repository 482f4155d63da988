import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { entries } from "../../../../cli/store/ask";
import { fetch } from "../../../../cli/store/fetch";
import { describeStore } from "./store";

describeStore("the cluster's store", (store) => {
  describe("refuses", () => {
    it("names that no job could read, before anything is sent", async () => {
      store.write("in/12:30", "1");
      store.write("in/ok", "2");
      await rejects(store.copy([store.manager.path("in")]), {
        code: "failed",
        message: /^Jobs cannot read names with a colon, .*: \/data\/in\/12:30\. Rename them/,
      });
      deepEqual(store.hdfs.files("/data"), {});
    });

    it("a file in place of a folder", async () => {
      store.hdfs.put("/data/a/b", "1");
      await rejects(store.copy([store.write("a", "1")]), {
        message: "/data/a is a folder in the store, but a file here.",
      });
    });

    it("more than the free space, with all copies of each file", async () => {
      store.hdfs.room = 9;
      await rejects(store.copy([store.write("a", "12345")]), {
        message: /^The store is full: .* has room for 4 B/,
      });
    });

    it("files while none of its hosts is up", async () => {
      store.hdfs.hosts = 0;
      await rejects(store.copy([store.write("a", "1")]), {
        message: /^No host of the store is up/,
      });
    });

    it("requests when it does not run", async () => {
      await store.hdfs.stop();
      await rejects(entries(store.manager.ssh, ["/"]), {
        code: "failed",
        message: /^The store's NameNode does not answer at 127\.0\.0\.1:\d+ .*`spark-swarm status`/,
      });
      await store.hdfs.start();
    });

    it("to replace local files without --force", async () => {
      store.hdfs.put("/data/out/a", "new");
      const here = store.write("home/out/a", "old");
      await rejects(fetch(store.manager.ssh, ["/data/out"], store.manager.path("home"), false), {
        message: /home\/out\/a would be overwritten\. Nothing was fetched\./,
      });
      equal(readFileSync(here, "utf8"), "old");
      await fetch(store.manager.ssh, ["/data/out"], store.manager.path("home"), true);
      equal(readFileSync(here, "utf8"), "new");
    });

    it("to replace a local folder by a file in any case", async () => {
      store.hdfs.put("/data/a", "new");
      store.write("home/a/b", "old");
      await rejects(
        fetch(store.manager.ssh, ["/data/a"], store.manager.path("home"), true),
        /would be overwritten/,
      );
    });

    it("missing paths", async () => {
      const missing = { code: "failed", message: "There is no /nope." };
      await rejects(entries(store.manager.ssh, ["/nope"]), missing);
      await rejects(
        fetch(store.manager.ssh, ["/nope"], store.manager.path("home"), false),
        missing,
      );
      ok(!existsSync(store.manager.path("home")));
    });
  });

  it("reports that the cluster has no S3", async () => {
    await rejects(entries(store.manager.ssh, ["s3a://lake/x"]), /^Error: This cluster has no S3/);
  });
});
