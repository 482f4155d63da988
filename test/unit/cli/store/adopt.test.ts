import { deepEqual, equal, match } from "node:assert/strict";
import { describeStore } from "./store";

describeStore("the cluster's store", (store) => {
  describe("adopts a host's earlier files", () => {
    const adopt = () =>
      store.output("adopt", store.manager.path("host"), store.manager.path("record"));
    const inStore = (name: string) =>
      store.hdfs.nodes.get(store.manager.path("host", name))?.content?.toString();

    it("each file once, if it does not exist", async () => {
      store.write("host/a b/c.csv", "c");
      store.write("host/d", "of the host");
      store.hdfs.put(store.manager.path("host/d"), "of the store");
      match(await adopt(), /^1 file of the manager's .* copied to the store\n$/);
      equal(inStore("a b/c.csv"), "c");
      equal(inStore("d"), "of the store");
      store.hdfs.nodes.delete(store.manager.path("host/a b/c.csv"));
      equal(await adopt(), "");
      equal(inStore("a b/c.csv"), undefined);
    });

    it("except unreadable names, which it reports, and incomplete files", async () => {
      store.write("host/a:b", "x");
      store.write("host/.incoming-1/x", "x");
      store.write("host/c", "c");
      match(
        await adopt(),
        /copied to the store\n.*a:b is not copied: jobs cannot read .* colon\n$/,
      );
      deepEqual(Object.values(store.hdfs.files(store.manager.path("host"))), ["c"]);
    });
  });
});
