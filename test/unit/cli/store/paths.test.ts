import { doesNotThrow, equal, throws } from "node:assert/strict";
import { formatOf } from "../../../../cli/store/fetch-as-one";
import {
  inStore,
  isRoot,
  requireNames,
  requireStore,
  shown,
  storePath,
  targetFolder,
} from "../../../../cli/store/paths";
import { cluster } from "../fixtures";

describe("a path in a store", () => {
  for (const [text, path] of [
    ["/data/out/", "/data/out"],
    ["/", "/"],
    ["/data/../x", "/x"],
    ["hdfs://namenode:8020/data", "/data"],
    ["hdfs:///data", "/data"],
    ["s3a://lake/a/b/", "s3a://lake/a/b"],
    ["s3://lake", "s3a://lake"],
    ["s3a://lake/a/../b", "s3a://lake/a/../b"],
  ] as const) {
    it(`${text} is ${path}`, () => equal(storePath(text), path));
  }

  for (const text of ["data", "./out", "file:///data", "s3a://", "gs://lake/a", ""]) {
    it(`is not ${JSON.stringify(text)}`, () => throws(() => storePath(text), { code: "usage" }));
  }

  it("is a whole store, or something in it", () => {
    for (const path of ["/", "s3a://lake"]) equal(isRoot(path), true);
    for (const path of ["/data", "s3a://lake/a"]) equal(isRoot(path), false);
  });

  it("must be in a store that the cluster has", () => {
    throws(() => requireStore(cluster, ["s3a://lake/a", "/data"]), {
      code: "usage",
      message: /^\/data: this cluster has no store \(storage: none\)/,
    });
    doesNotThrow(() => requireStore(cluster, ["s3a://lake/a"]));
    doesNotThrow(() => requireStore({ ...cluster, storage: "hdfs" }, ["/data"]));
  });

  it("has a unique name among those that are fetched", () => {
    throws(() => requireNames(["/a/out", "s3a://lake/out"]), /have the name out/);
    throws(() => requireNames(["/"]), /name files or folders in it/);
    doesNotThrow(() => requireNames(["/a/out", "/a/in"]));
  });

  it("is shown in one line", () => {
    equal(shown("/a\nb\u001b[2J ü"), "/a\\nb\\u001b[2J ü");
  });
});

describe("where copies go", () => {
  const hdfs = { ...cluster, storage: "hdfs" as const };

  it("is a store, or every host of a cluster without one", () => {
    equal(inStore(hdfs, "/data"), true);
    equal(inStore(cluster, "/data"), false);
    equal(inStore(cluster, "s3://lake"), true);
  });

  it("is in /data unless the path is absolute", () => {
    equal(targetFolder("2026/a"), "/data/2026/a");
    equal(targetFolder("/models"), "/models");
    equal(targetFolder("s3://lake/a"), "s3a://lake/a");
  });
});

describe("the format of one file", () => {
  it("is in its name", () => {
    equal(formatOf("a/out.CSV"), "csv");
    throws(() => formatOf("out.xlsx"), { code: "usage", message: /\.csv, \.json or \.parquet/ });
  });
});
