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

/** Properties that the cluster sets as defaults, which users may override. */
const DEFAULTS = [
  "spark.ui.showConsoleProgress",
  "spark.shuffle.io.connectionTimeout",
  "spark.shuffle.io.connectionCreationTimeout",
  "spark.hadoop.dfs.client.retry.policy.enabled",
  "spark.hadoop.dfs.client.retry.policy.spec",
  "spark.hadoop.dfs.client.block.write.replace-datanode-on-failure.best-effort",
  "spark.sql.legacy.createHiveTableByDefault",
  // A list, to which the user's values are added.
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

/** The names of all properties that the cluster sets. */
const set = [
  ...[...entrypoint.matchAll(/^(spark\.\S+) {2,}/gm)].map(([, name = ""]) => name),
  ...Object.keys(storeDefaults({ replication: 2, reserved: 5 })),
  ...Object.keys(eventLogDefaults("s3a://bucket/events")),
  ...new Set(TABLE_FORMATS.flatMap((format) => Object.keys(tableDefaults(format)))),
  ...hadoop.map(([, name]) => `spark.hadoop.${name}`),
];

describe("Spark's properties that the cluster sets", () => {
  it("are found", () => {
    assert.ok(set.length > 30 && set.includes("spark.driver.host"), set.join());
  });

  for (const name of set) {
    const isDefault = DEFAULTS.includes(name);
    it(`${isDefault ? "may" : "may not"} be overridden by spark.conf: ${name}`, () => {
      const parse = () => parseSettings(pulumiConfig({ spark: { conf: { [name]: "1" } } }));
      if (isDefault) parse();
      else assert.throws(parse, /left out: (the cluster sets it|use the setting)/);
    });
  }

  it("are the only ones in the list", () => {
    assert.equal(ownProperty("spark.sql.shuffle.partitions"), undefined);
    assert.equal(ownProperty("spark.masterpiece"), undefined);
  });
});
