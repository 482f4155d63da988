import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventLogDefaults } from "../../../components/spark/event-log";
import { ownProperty } from "../../../components/spark/own-properties";
import { hadoopConfiguration } from "../../../components/spark/s3";
import { storeDefaults } from "../../../components/spark/store";
import { TABLE_FORMATS, tableDefaults } from "../../../components/spark/tables";
import { parseSettings } from "../../../program/settings/settings";
import { pulumiConfig } from "./config";

/** What the cluster sets as a default that anybody may overrule. */
const DEFAULTS = [
  "spark.ui.showConsoleProgress",
  "spark.shuffle.io.connectionTimeout",
  "spark.shuffle.io.connectionCreationTimeout",
  "spark.hadoop.dfs.client.retry.policy.enabled",
  "spark.hadoop.dfs.client.retry.policy.spec",
  "spark.hadoop.dfs.client.block.write.replace-datanode-on-failure.best-effort",
  "spark.sql.legacy.createHiveTableByDefault",
  // A list, to which others are added.
  "spark.sql.extensions",
  "spark.hadoop.iceberg.hive.lock-heartbeat-interval-ms",
  "spark.hadoop.fs.s3a.connection.ssl.enabled",
  "spark.hadoop.fs.s3a.bucket.open.aws.credentials.provider",
];

const entrypoint = readFileSync(join(__dirname, "../../../images/spark/entrypoint.sh"), "utf8");
const s3 = {
  region: "fra1",
  pathStyle: true,
  accessKey: "a",
  secretKey: "b",
  publicBuckets: ["open"],
};
const hadoop = [...hadoopConfiguration(s3).matchAll(/<name>([^<]+)</g)];

/** All that the cluster sets, each by its name. */
const set = [
  ...[...entrypoint.matchAll(/^(spark\.\S+) {2,}/gm)].map(([, name = ""]) => name),
  ...Object.keys(storeDefaults({ replication: 2, reserved: 5 })),
  ...Object.keys(eventLogDefaults("s3a://bucket/events")),
  ...new Set(TABLE_FORMATS.flatMap((format) => Object.keys(tableDefaults(format)))),
  ...hadoop.map(([, name]) => `spark.hadoop.${name}`),
];

describe("what the cluster sets of Spark", () => {
  it("is found", () => {
    assert.ok(set.length > 30 && set.includes("spark.driver.host"), set.join());
  });

  for (const name of set) {
    const isDefault = DEFAULTS.includes(name);
    it(`${isDefault ? "may" : "may not"} be overruled by spark.conf: ${name}`, () => {
      const parse = () => parseSettings(pulumiConfig({ spark: { conf: { [name]: "1" } } }));
      if (isDefault) parse();
      else assert.throws(parse, /left out: the (cluster sets it|setting)/);
    });
  }

  it("is nothing else", () => {
    assert.equal(ownProperty("spark.sql.shuffle.partitions"), undefined);
    assert.equal(ownProperty("spark.masterpiece"), undefined);
  });
});
