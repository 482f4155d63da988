import { deepEqual, equal, match } from "node:assert/strict";
import type { Finished } from "../../../../cli/programs";
import { startStore } from "../../../../cli/store/ask";
import { describeStore } from "./store";

describeStore("the archive of /data/keep", (store) => {
  const run = (...words: string[]): Promise<Finished> =>
    startStore(store.manager.ssh, words, { input: "" }).ended;
  const archive = () => run("archive", "/data/keep", "/kept/dev-1");

  it("has every file, at its path, but none that programs are writing", async () => {
    store.hdfs.put("/data/keep/a.csv", "1,2", 5000);
    store.hdfs.put("/data/keep/out/part-0", "rows");
    store.hdfs.put("/data/keep/out/_SUCCESS", "");
    store.hdfs.put("/data/keep/out/_temporary/0/part-1", "half");
    store.hdfs.put("/data/other", "stays");
    const { stdout } = await archive();
    equal(stdout, "/data/keep: 3 files, 7 B, to /kept/dev-1\n");
    deepEqual(store.hdfs.files("/kept"), {
      "/kept/dev-1/a.csv": "1,2",
      "/kept/dev-1/out/part-0": "rows",
      "/kept/dev-1/out/_SUCCESS": "",
    });
    const unsaved = await run("unsaved", "json");
    deepEqual(JSON.parse(unsaved.stdout), { place: "/data/other", files: 1, size: 5 });
  });

  it("resumes after an interruption, and copies what has changed", async () => {
    store.hdfs.put("/data/keep/a", "first", 5000);
    store.hdfs.put("/data/keep/b", "second", 5000);
    await archive();
    const { written } = store.hdfs;
    store.hdfs.put("/data/keep/b", "another", 6000);
    await archive();
    equal(store.hdfs.written - written, 7);
    equal(store.hdfs.files("/kept")["/kept/dev-1/b"], "another");
  });

  it("is empty if /data/keep is", async () => {
    const { status, stdout } = await archive();
    deepEqual([status, stdout], [0, "/data/keep: 0 files, 0 B, to /kept/dev-1\n"]);
  });

  it("fails with the reason", async () => {
    store.hdfs.put("/data/keep/a", "first");
    const { status, stderr } = await run("archive", "/data/keep", "s3a://my-bucket/kept");
    equal(status, 1);
    match(stderr, /^This cluster has no S3\. Configure it with the setting s3/);
  });
});
