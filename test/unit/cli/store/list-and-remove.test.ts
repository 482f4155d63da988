import { deepEqual, equal, rejects } from "node:assert/strict";
import { ask, entries, usageSchema } from "../../../../cli/store/ask";
import { describeStore } from "./store";

describeStore("the cluster's store", (store) => {
  it("lists files and their sizes", async () => {
    store.hdfs.put("/data/a", "123");
    store.hdfs.put("/data/b/c", "45");
    store.hdfs.put("/data/b/d", "6");
    deepEqual(
      (await entries(store.manager.ssh, ["/data", "/data/b/c"])).map(({ path, type }) => [
        path,
        type,
      ]),
      [
        ["/data/a", "file"],
        ["/data/b", "folder"],
        ["/data/b/c", "file"],
      ],
    );
    const used = await ask(store.manager.ssh, usageSchema, ["du", "/data"]);
    deepEqual(
      used.map(({ path, files, size, stored }) => [path, files, size, stored]),
      [
        ["/data/a", 1, 3, 6],
        ["/data/b", 2, 3, 6],
      ],
    );
  });

  it("removes all named paths or nothing, folders only with -r", async () => {
    store.hdfs.put("/data/a", "1");
    store.hdfs.put("/data/b/c", "2");
    const remove = (how: string, ...paths: string[]) =>
      ask(store.manager.ssh, usageSchema, ["rm", how, ...paths]);
    await rejects(remove("files", "/data/a", "/data/b"), /\/data\/b is a folder\. --recursive/);
    await rejects(remove("recursive", "/data/a", "/data/x"), /There is no \/data\/x/);
    equal(Object.keys(store.hdfs.files("/data")).length, 2);
    await remove("recursive", "/data/a", "/data/b");
    deepEqual(store.hdfs.files("/data"), {});
  });
});
