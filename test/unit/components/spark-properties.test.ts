import assert from "node:assert/strict";
import { hadoopConfiguration } from "../../../components/spark/s3";
import type { SparkArgs } from "../../../components/spark/spark";
import { documentOf, inPreviewAndUpdate, scriptOf, UNKNOWN } from "./mocks";
import { s3, withSpark } from "./spark";

const propertiesIn = (text: string) =>
  new Map(text.split("\n").map((line) => line.split(" ") as [string, string]));

inPreviewAndUpdate((preview) => {
  describe("Event logs in a bucket", () => {
    const eventLog = "s3a://my-bucket/events";

    it("are settings of all parts of Spark, and a folder that is created before them", async () => {
      const { find } = await withSpark(preview, () => {}, { s3, eventLog });
      const folder = find("spark-event-log");
      if (preview) return assert.equal(folder.inputs.stdin, UNKNOWN);
      const { SECRET = "", VALUE = "" } = scriptOf(find("spark-defaults")).variables;
      assert.match(SECRET, /^spark_defaults_[0-9a-f]{12}$/);
      const settings = propertiesIn(VALUE);
      assert.equal(settings.get("spark.eventLog.dir"), eventLog);
      assert.equal(settings.get("spark.history.fs.logDirectory"), eventLog);
      assert.equal(settings.get("spark.history.fs.cleaner.enabled"), "false");
      const { services } = documentOf(find("spark-deploy"));
      for (const { secrets } of Object.values(services)) {
        assert.deepEqual(
          secrets?.map(({ target }) => target),
          ["spark_secret", "spark_s3", "spark_defaults"],
        );
      }
      const stack = find("spark", "spark-swarm:swarm:SwarmStack");
      const before = [...stack.dependsOn, ...find("spark-deploy").dependsOn];
      assert.ok(before.includes("spark-event-log"));
      const { FOLDER, IMAGE, HADOOP } = scriptOf(folder).variables;
      assert.deepEqual([FOLDER, IMAGE], [eventLog, "spark:1"]);
      assert.equal(HADOOP, hadoopConfiguration(s3));
      assert.ok(folder.secrets.includes("stdin"), "the keys are plain");
    });
  });

  describe("Properties of Spark from the user", () => {
    it("are a secret of all parts and drivers, in the format of Java's properties", async () => {
      const { find } = await withSpark(preview, () => {}, {
        conf: { "spark.speculation": "true", "spark.sql.x": "a\\d hushhush" },
      });
      const secret = find("spark-defaults");
      if (preview) return assert.equal(secret.inputs.stdin, UNKNOWN);
      assert.ok(secret.secrets.includes("stdin"));
      const { VALUE } = scriptOf(secret).variables;
      assert.equal(VALUE, "spark.speculation true\nspark.sql.x a\\\\d hushhush");
    });
  });

  describe("Tables", () => {
    const store = { replication: 2, reserved: 5 };
    const defaults = async (given: Partial<SparkArgs>) => {
      const { find } = await withSpark(preview, () => {}, { store, ...given });
      if (preview) return undefined;
      const { VALUE = "" } = scriptOf(find("spark-defaults")).variables;
      return propertiesIn(VALUE);
    };

    it("of a format are in the session's own catalog, and are the default", async () => {
      const set = await defaults({
        tables: "iceberg",
        conf: { "spark.sql.extensions": "org.example.Mine" },
      });
      if (!set) return;
      assert.equal(set.get("spark.sql.sources.default"), "iceberg");
      assert.match(set.get("spark.sql.catalog.spark_catalog") ?? "", /SparkSessionCatalog$/);
      assert.match(set.get("spark.sql.extensions") ?? "", /Iceberg\w+,org\.example\.Mine$/);
    });

    it("of Parquet are Spark's default", async () => {
      const set = await defaults({ tables: "parquet" });
      if (set)
        assert.ok(
          !["spark.sql.extensions", "spark.sql.sources.default"].some((name) => set.has(name)),
        );
    });

    it("may be in a bucket, whose folder is created before Spark", async () => {
      const warehouse = "s3a://my-bucket/tables";
      const set = await defaults({ s3, warehouse });
      if (!set) return;
      assert.equal(set.get("spark.sql.warehouse.dir"), warehouse);
      assert.match(set.get("spark.hadoop.fs.defaultFS") ?? "", /^hdfs:/);
      const { find } = await withSpark(preview, () => {}, { s3, store, warehouse });
      const { SETTING, FOLDER } = scriptOf(find("spark-warehouse")).variables;
      assert.deepEqual([SETTING, FOLDER], ["spark.warehouse", warehouse]);
      assert.ok(
        find("spark", "spark-swarm:swarm:SwarmStack").dependsOn.includes("spark-warehouse"),
      );
    });
  });
});
