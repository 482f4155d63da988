import { equal, match, ok } from "node:assert/strict";
import { ask, namedSchema } from "../../../../cli/store/ask";
import { fetch, markSaved } from "../../../../cli/store/fetch";
import { fetchAsOne } from "../../../../cli/store/fetch-as-one";
import { describeStore } from "./store";

describeStore("the cluster's store", (store) => {
  describe("knows which files exist nowhere else", () => {
    const unsaved = () => store.output("unsaved");

    it("those that jobs wrote, by place", async () => {
      store.hdfs.put("/data/out/year=2026/part-0", "x".repeat(1024 ** 2));
      store.hdfs.put("/data/out/year=2026/part-1", "x".repeat(1024 ** 2));
      store.hdfs.put("/warehouse/sales/part-0", "x".repeat(1024 ** 2));
      equal(await unsaved(), "/data/out  2 files, 2.1 MB\n/warehouse/sales  1 file, 1.0 MB\n");
    });

    it("but not temporary nor empty ones", async () => {
      store.hdfs.put("/data/out/_temporary/0/part-0", "x");
      store.hdfs.put("/data/out/_SUCCESS", "");
      store.hdfs.put("/tmp/x", "x");
      store.hdfs.put("/user/spark/.sparkStaging/x", "x");
      store.hdfs.put("/data/.a._COPYING_", "x");
      equal(await unsaved(), "");
    });

    it("nor copied ones, until a job rewrites them", async () => {
      await store.copy([store.write("rows.csv", "a\n1\n")]);
      equal(await unsaved(), "");
      store.hdfs.nodes.delete("/data/rows.csv");
      store.hdfs.put("/data/rows.csv", "of a job");
      match(await unsaved(), /^\/data\/rows\.csv {2}1 file/);
    });

    it("nor fetched ones", async () => {
      store.hdfs.put("/data/out/part-0.csv", "1\n");
      store.hdfs.put("/data/other/part-0.csv", "2\n");
      store.hdfs.put("/data/third", "3\n");
      await fetch(store.manager.ssh, ["/data/out"], store.manager.path("home"), false);
      const how = { format: "csv", force: false } as const;
      await fetchAsOne(store.manager.ssh, "/data/other", store.manager.path("home/other.csv"), how);
      match(await unsaved(), /^\/data\/third .*\n$/);
    });

    it("but those that changed after the listing, of which an older version was fetched", async () => {
      store.hdfs.put("/data/out", "old", 1);
      const [listed] = await ask(store.manager.ssh, namedSchema, ["list", "/data/out"]);
      ok(listed);
      store.hdfs.put("/data/out", "new", 2);
      await markSaved(store.manager.ssh, [listed]);
      match(await unsaved(), /^\/data\/out/);
    });
  });
});
