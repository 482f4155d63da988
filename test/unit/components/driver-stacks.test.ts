import assert from "node:assert/strict";
import { parse } from "yaml";
import { Connect } from "../../../components/connect/connect";
import { Livy } from "../../../components/livy/livy";
import { Notebook } from "../../../components/notebook/notebook";
import { type Allocation, allocationOf } from "../../../components/spark/allocation";
import type { S3Args } from "../../../components/spark/s3";
import { hadoopConfiguration } from "../../../components/spark/s3";
import { Spark, type SparkArgs } from "../../../components/spark/spark";
import { Sql } from "../../../components/sql/sql";
import { Swarm } from "../../../components/swarm/swarm";
import type { ComposeDocument } from "../../../components/swarm-stack/compose";
import { fakeHosts, inPreviewAndUpdate, type Registered, run, scriptOf, UNKNOWN } from "./mocks";

const allocation = { mode: "shared" as const, properties: {} };
const s3 = { region: "fra1", pathStyle: true, accessKey: "AKIA0", secretKey: "a<b&c" };

function documentOf(resource: Registered): ComposeDocument {
  return parse(scriptOf(resource).variables.COMPOSE ?? "") as ComposeDocument;
}

/** A Spark and what `make` creates on it. */
function on(preview: boolean, make: (spark: Spark) => void, given: Partial<SparkArgs> = {}) {
  return run(preview, () => {
    const hosts = fakeHosts(1);
    const swarm = new Swarm("swarm", { hosts });
    make(new Spark("spark", { swarm, workers: hosts.workers, image: "spark:1", ...given }));
  });
}

inPreviewAndUpdate((preview) => {
  describe("Notebook", () => {
    const notebook = (settings = {}) =>
      on(preview, (spark) => {
        const all = { memory: 1024, ...settings };
        new Notebook("notebook", { spark, image: "notebook:1", ...all });
      });

    it("is a token that the manager generates, and a service on the manager with what drivers need", async () => {
      const { find } = await notebook();
      const token = find("notebook-token");
      const deploy = find("notebook-deploy");
      if (preview) return assert.equal(token.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(token).variables.VALUE, "");
      const { services, secrets } = documentOf(deploy);
      const { server } = services;
      assert.equal(server?.image, "notebook:1");
      assert.deepEqual(server.networks, { spark: { aliases: ["notebook", "driver"] } });
      assert.deepEqual(server.deploy.placement.constraints, ["node.role == manager"]);
      const { SPARK_PROPERTIES = "", ...others } = server.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201." });
      assert.ok(SPARK_PROPERTIES.split("\n").includes("spark.executor.memory 1024m"));
      assert.deepEqual(
        server.secrets?.map(({ target, mode }) => [target, mode]),
        [
          ["spark_secret", 0o440],
          ["notebook_token", 0o440],
        ],
      );
      assert.deepEqual(Object.keys(secrets ?? {}), ["spark_secret", "notebook_token"]);
      assert.deepEqual(
        server.volumes?.map(({ source, target }) => `${source} ${target}`),
        [
          "/var/lib/spark/events /var/lib/spark/events",
          "/var/lib/spark/ivy /var/lib/spark/ivy",
          "/data /data",
          "/var/lib/spark/notebooks /home/spark/notebooks",
        ],
      );
    });

    it("passes a kernel the number of cores, if that is set", async () => {
      const { find } = await notebook({ cores: 3 });
      if (preview) return;
      const { server } = documentOf(find("notebook-deploy")).services;
      assert.equal(server?.environment?.SPARK_CORES, "3");
    });
  });

  describe("Connect", () => {
    it("is a driver at connect:15002 that takes a share, and releases executors", async () => {
      const { find } = await on(preview, (spark) => {
        new Connect("connect", { spark, image: "spark:1", allocation });
      });
      if (preview) return;
      const { server } = documentOf(find("connect-deploy")).services;
      assert.deepEqual(server?.networks, { spark: { aliases: ["connect", "driver"] } });
      assert.equal(server.command?.[1], "/usr/local/bin/spark-submit-share");
      const properties = server.environment?.SPARK_PROPERTIES?.split("\n");
      assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
    });

    it("gets everything with maximize, and is not restarted when workers change", async () => {
      const sizes = { manager: { cpus: 2, memory: 4096 }, worker: { cpus: 2, memory: 4096 } };
      const serverOf = async (workers: number) => {
        const all = allocationOf("maximize", sizes, workers);
        const { find } = await on(preview, (spark) => {
          new Connect("connect", { spark, image: "spark:1", allocation: all });
        });
        return preview ? undefined : documentOf(find("connect-deploy")).services.server;
      };
      const few = await serverOf(1);
      if (!preview) {
        assert.equal(few?.command?.[0], "spark-submit");
        const properties = few.environment?.SPARK_PROPERTIES?.split("\n");
        assert.ok(properties?.includes("spark.executor.memory 3072m"));
        assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
      }
      assert.deepEqual(await serverOf(5), few);
    });
  });

  describe("Sql", () => {
    const sql = (settings = {}, image = "spark:1") =>
      on(preview, (spark) => {
        new Sql("sql", { spark, image, memory: 1024, ...settings });
      });

    it("is a driver at sql:10000 with its share, without a port on any host, and awaited", async () => {
      const { find } = await sql({ cores: 3 });
      if (preview) return assert.equal(find("sql-answers").inputs.stdin, UNKNOWN);
      const { server } = documentOf(find("sql-deploy")).services;
      assert.deepEqual(server?.networks, { spark: { aliases: ["sql", "driver"] } });
      assert.equal(server.ports, undefined);
      const { SPARK_PROPERTIES = "", ...others } = server.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201.", SPARK_CORES: "3" });
      const properties = SPARK_PROPERTIES.split("\n");
      for (const property of [
        "spark.dynamicAllocation.enabled true",
        "spark.executor.memory 1024m",
        "spark.driver.maxResultSize 256m",
      ]) {
        assert.ok(properties.includes(property), property);
      }
      assert.ok(find("sql-answers").dependsOn.includes("sql-deploy"));
    });

    it("is awaited again after a change", async () => {
      if (preview) return;
      const wait = async (...given: Parameters<typeof sql>) =>
        scriptOf((await sql(...given)).find("sql-answers")).variables.SERVER;
      const first = await wait();
      assert.equal(await wait(), first);
      assert.notEqual(await wait({ memory: 2048 }), first);
      assert.notEqual(await wait({}, "spark:2"), first);
    });
  });

  describe("Livy", () => {
    const livy = (settings = {}) =>
      on(preview, (spark) => {
        const all = { memory: 1024, ...settings };
        new Livy("livy", { spark, image: "livy:1", ...all });
      });

    it("is a service at livy:8998 with what drivers need, and no port on any host", async () => {
      const { registered, find } = await livy();
      assert.deepEqual(
        registered.filter(({ name }) => name.startsWith("livy")).map(({ name }) => name),
        ["livy", "livy", "livy-deploy", "livy-removal"],
      );
      if (preview) return assert.equal(find("livy-deploy").inputs.stdin, UNKNOWN);
      const { server } = documentOf(find("livy-deploy")).services;
      assert.equal(server?.image, "livy:1");
      assert.deepEqual(server.networks, { spark: { aliases: ["livy", "driver"] } });
      assert.equal(server.ports, undefined);
      assert.deepEqual(
        server.secrets?.map(({ target }) => target),
        ["spark_secret"],
      );
      assert.ok(server.volumes?.some(({ source }) => source === "/data"));
    });

    it("passes a session its share, which it releases when idle", async () => {
      const { find } = await livy({ cores: 3, memory: 2048 });
      if (preview) return;
      const { server } = documentOf(find("livy-deploy")).services;
      const { SPARK_PROPERTIES = "", ...others } = server?.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201.", SPARK_CORES: "3" });
      const properties = SPARK_PROPERTIES.split("\n");
      assert.ok(properties.includes("spark.executor.memory 2048m"));
      assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
    });

    it("computes a session's default cores when it starts", async () => {
      const { find } = await livy();
      if (preview) return;
      const { server } = documentOf(find("livy-deploy")).services;
      assert.equal(server?.environment?.SPARK_CORES, undefined);
    });
  });

  describe("S3", () => {
    it("is a secret of all parts of Spark and all drivers; its name changes with its value", async () => {
      const { find } = await on(
        preview,
        (spark) => {
          new Connect("connect", { spark, image: "spark:1", allocation });
        },
        { s3 },
      );
      const secret = find("spark-s3");
      if (preview) return assert.equal(secret.inputs.stdin, UNKNOWN);
      const { SECRET, VALUE } = scriptOf(secret).variables;
      assert.match(SECRET ?? "", /^spark_s3_[0-9a-f]{12}$/);
      assert.equal(VALUE, hadoopConfiguration(s3));
      const spark = documentOf(find("spark-deploy"));
      const connect = documentOf(find("connect-deploy"));
      for (const { services, secrets } of [spark, connect]) {
        assert.ok(SECRET && secrets?.[SECRET]);
        for (const { secrets: given } of Object.values(services)) {
          assert.ok(
            given?.some(({ source, target }) => source === SECRET && target === "spark_s3"),
          );
        }
      }
      const other = await on(preview, () => {}, { s3: { ...s3, secretKey: "other" } });
      assert.notEqual(scriptOf(other.find("spark-s3")).variables.SECRET, SECRET);
      assert.ok(!JSON.stringify([spark, connect]).includes(s3.accessKey));
    });
  });
});

inPreviewAndUpdate((preview) => {
  describe("S3 without keys", () => {
    it("uses the host's role, whose credentials one service on each host passes on", async () => {
      const { find } = await on(
        preview,
        (spark) => {
          const allocation: Allocation = { mode: "shared", properties: {} };
          new Connect("connect", { spark, image: "spark:1", allocation });
        },
        { s3: { region: "us-east-1", pathStyle: false }, eventLog: "s3a://my-bucket/events" },
      );
      if (preview) return;
      const { services, networks, volumes } = documentOf(find("spark-role-deploy"));
      assert.deepEqual(networks, { host: { external: true, name: "host" } });
      assert.deepEqual(services.relay?.deploy.mode, "global");
      assert.deepEqual(services.relay.deploy.placement.constraints, []);
      const mount = { type: "volume", source: "spark_role", target: "/run/aws" };
      assert.deepEqual(services.relay.volumes, [{ ...mount, read_only: false }]);
      assert.equal(volumes?.spark_role?.driver_opts?.type, "tmpfs");
      for (const name of ["spark-deploy", "connect-deploy"]) {
        const document = documentOf(find(name));
        assert.deepEqual(document.volumes?.spark_role, volumes.spark_role);
        for (const { volumes: mounts } of Object.values(document.services)) {
          assert.deepEqual(mounts?.at(-1), { ...mount, read_only: true });
        }
      }
      assert.equal(scriptOf(find("spark-event-log")).variables.ROLE, "yes");
      assert.ok(find("spark-event-log").dependsOn.includes("spark-role-deploy"));
    });

    const open = { region: "us-east-1", pathStyle: false, publicBuckets: ["nyc-tlc"] };
    const cases: [string, S3Args, boolean][] = [
      ["nothing where there are keys", { ...s3, role: true }, false],
      ["nothing for public buckets alone", open, false],
      ["by the role beside public buckets, if the hosts have one", { ...open, role: true }, true],
    ];
    for (const [what, given, expected] of cases) {
      it(`is ${what}`, async () => {
        const { registered } = await on(preview, () => {}, { s3: given });
        assert.equal(
          registered.some(({ name }) => name.startsWith("spark-role")),
          expected,
        );
      });
    }
  });

  describe("Event logs in a bucket", () => {
    const eventLog = "s3a://my-bucket/events";

    it("are settings of all parts of Spark, and a folder that is created before them", async () => {
      const { find } = await on(preview, () => {}, { s3, eventLog });
      const folder = find("spark-event-log");
      if (preview) return assert.equal(folder.inputs.stdin, UNKNOWN);
      const { SECRET = "", VALUE = "" } = scriptOf(find("spark-defaults")).variables;
      assert.match(SECRET, /^spark_defaults_[0-9a-f]{12}$/);
      const settings = new Map(
        VALUE.split("\n").map((line) => line.split(" ") as [string, string]),
      );
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
});

inPreviewAndUpdate((preview) => {
  describe("Properties of Spark from the user", () => {
    it("are a secret of all parts and drivers, in the format of Java's properties", async () => {
      const { find } = await on(preview, () => {}, {
        conf: { "spark.speculation": "true", "spark.sql.x": "a\\d hushhush" },
      });
      const secret = find("spark-defaults");
      if (preview) return assert.equal(secret.inputs.stdin, UNKNOWN);
      assert.ok(secret.secrets.includes("stdin"));
      const { VALUE } = scriptOf(secret).variables;
      assert.equal(VALUE, "spark.speculation true\nspark.sql.x a\\\\d hushhush");
    });
  });
});

inPreviewAndUpdate((preview) => {
  describe("Tables", () => {
    const store = { replication: 2, reserved: 5 };
    const defaults = async (given: Partial<SparkArgs>) => {
      const { find } = await on(preview, () => {}, { store, ...given });
      if (preview) return undefined;
      const { VALUE = "" } = scriptOf(find("spark-defaults")).variables;
      return new Map(VALUE.split("\n").map((line) => line.split(" ") as [string, string]));
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
      const { find } = await on(preview, () => {}, { s3, store, warehouse });
      const { SETTING, FOLDER } = scriptOf(find("spark-warehouse")).variables;
      assert.deepEqual([SETTING, FOLDER], ["spark.warehouse", warehouse]);
      assert.ok(
        find("spark", "spark-swarm:swarm:SwarmStack").dependsOn.includes("spark-warehouse"),
      );
    });
  });
});

describe("Hadoop's configuration for S3", () => {
  it("has the service and the keys, escaped for XML", () => {
    const text = hadoopConfiguration(s3);
    assert.match(text, /<name>fs\.s3a\.secret\.key<\/name><value>a&lt;b&amp;c<\/value>/);
    assert.match(text, /<name>fs\.s3a\.path\.style\.access<\/name><value>true<\/value>/);
    assert.ok(!text.includes("fs.s3a.endpoint<"), "AWS's own");
    assert.match(text, /SimpleAWSCredentialsProvider/);
    assert.ok(!/session\.token|ProfileCredentialsProvider|fs\.s3a\.bucket/.test(text));
  });

  it("has a temporary key's token", () => {
    const text = hadoopConfiguration({ ...s3, sessionToken: "IQoJ" });
    assert.match(text, /<name>fs\.s3a\.session\.token<\/name><value>IQoJ<\/value>/);
    assert.match(text, /<value>[\w.]+\.TemporaryAWSCredentialsProvider,[\w.]+\.SimpleAWS/);
  });

  it("treats s3:// like s3a://, also for commits", () => {
    const text = hadoopConfiguration(s3);
    assert.match(
      text,
      /<name>fs\.s3\.impl<\/name><value>org\.apache\.hadoop\.fs\.s3a\.S3AFileSystem</,
    );
    const committers = text.match(/factory\.scheme\.s3a?<\/name><value>[\w.]+S3ACommitterFactory/g);
    assert.equal(committers?.length, 2);
  });

  it("reads public buckets without keys, and nothing else", () => {
    const text = hadoopConfiguration({ ...s3, publicBuckets: ["nyc-tlc"] });
    const anonymous = text.match(/<name>([^<]+)<\/name><value>[\w.]+Anonymous/g);
    assert.deepEqual(anonymous, [
      "<name>fs.s3a.bucket.nyc-tlc.aws.credentials.provider</name><value>org.apache.hadoop.fs.s3a.Anonymous",
    ]);
  });

  it("without keys uses the host's credentials", () => {
    const text = hadoopConfiguration({ region: "us-east-1", pathStyle: false });
    assert.match(text, /ProfileCredentialsProvider/);
    assert.ok(!/fs\.s3a\.(access|secret)\.key/.test(text));
  });
});
