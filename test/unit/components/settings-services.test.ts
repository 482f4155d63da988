import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseSettings } from "../../../program/settings/settings";
import { problemsOf, pulumiConfig } from "./config";

function accepts(given: Record<string, unknown>, expected: object): void {
  it(JSON.stringify(given), () => {
    assert.deepEqual(parseSettings(pulumiConfig(given)), { ...parseSettings({}), ...expected });
  });
}

function refuses(given: Record<string, unknown>, problem: RegExp): void {
  it(`refuses ${JSON.stringify(given)}`, () => {
    const problems = problemsOf(pulumiConfig(given));
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", problem);
  });
}

describe("settings of services", () => {
  const notebook = { memory: 1024 };
  accepts({ notebook: true }, { notebook });
  accepts({ notebook: false }, { notebook: false });
  accepts({ notebook: { cores: "4", memory: 2048 } }, { notebook: { cores: 4, memory: 2048 } });
  refuses({ notebook: "yes" }, /^notebook: "yes" was given; it must be true, false, or an object/);
  refuses({ notebook: { cores: 0 } }, /^notebook\.cores: 0 was given; it must be a whole number/);
  refuses({ notebook: { memory: 100 } }, /^notebook\.memory: 100 was given; .* 512 or more/);
  refuses({ notebook: { core: 1 } }, /^notebook\.core: there is no such key; did you mean 'cores'/);

  const packages = ["io.delta:delta-spark_2.12:3.2.1"];
  accepts(
    { spark: { packages } },
    { spark: { packages, pip: [], allocation: "shared", conf: {}, tables: "parquet" } },
  );
  accepts(
    { spark: { allocation: "maximize" } },
    { spark: { packages: [], pip: [], allocation: "maximize", conf: {}, tables: "parquet" } },
  );
  refuses(
    { spark: { allocation: "all" } },
    /^spark\.allocation: "all" was given; it must be one of: shared, maximize\. Set it with: pulumi config set --path 'spark\.allocation' maximize$/,
  );
  refuses({ spark: { packages: ["delta"] } }, /^spark\.packages\[0\]: .* Maven coordinates/);

  const own = { accessKey: "AKIA0", secretKey: "secret" };
  const eventLog = "s3a://my-bucket/spark/events";
  accepts(
    { spark: { eventLog }, s3: own },
    {
      spark: { packages: [], pip: [], allocation: "shared", conf: {}, tables: "parquet", eventLog },
      s3: { region: "us-east-1", pathStyle: false, publicBuckets: [], ...own },
    },
  );
  refuses({ spark: { eventLog } }, /^spark\.eventLog: .* left out, unless s3 is set/);
  for (const wrong of ["hdfs://b/events", "s3a://my-bucket", "/var/log", "s3a://b/a b"]) {
    refuses({ spark: { eventLog: wrong }, s3: own }, /^spark\.eventLog: .* a folder in a bucket/);
  }
  it("reports missing settings together with wrong ones", () => {
    const problems = problemsOf(pulumiConfig({ spark: { eventLog }, connect: 1 }));
    assert.equal(problems.length, 2, problems.join("\n"));
  });

  const spark = { packages: [], pip: [], allocation: "shared", tables: "parquet" };
  accepts(
    { spark: { conf: { "spark.sql.shuffle.partitions": 8, "spark.speculation": true } } },
    {
      spark: {
        ...spark,
        conf: { "spark.sql.shuffle.partitions": "8", "spark.speculation": "true" },
      },
    },
  );
  accepts(
    { spark: { conf: { "spark.hadoop.fs.s3a.bucket.mine.endpoint": "https://s3.example.com" } } },
    {
      spark: {
        ...spark,
        conf: { "spark.hadoop.fs.s3a.bucket.mine.endpoint": "https://s3.example.com" },
      },
    },
  );
  refuses(
    { spark: { tables: "hudi" } },
    /^spark\.tables: "hudi" was given; it must be one of: parquet, iceberg, delta\. Set it with/,
  );
  refuses(
    { storage: "none", spark: { tables: "iceberg" } },
    /^spark\.tables: "iceberg" was given; it must be parquet, unless storage is hdfs/,
  );
  accepts(
    { storage: "hdfs", spark: { tables: "delta" } },
    {
      storage: { replication: 2, reserved: 5 },
      spark: { ...spark, conf: {}, tables: "delta" },
    },
  );
  const warehouse = "s3a://my-bucket/tables";
  const reached = { accessKey: "AKIA0", secretKey: "secret" };
  refuses(
    { storage: "hdfs", spark: { warehouse } },
    /^spark\.warehouse: .* must be left out, unless s3 is set/,
  );
  refuses(
    { storage: "none", s3: reached, spark: { warehouse } },
    /^spark\.warehouse: .* must be left out, unless storage is hdfs/,
  );
  refuses(
    { storage: "hdfs", s3: reached, spark: { warehouse: "s3a://my-bucket" } },
    /^spark\.warehouse: .* must be a folder in a bucket/,
  );
  const archive = "s3a://my-bucket/kept";
  refuses(
    {
      cloud: "aws",
      access: { allowFrom: ["198.51.100.7"] },
      lifetime: { ttl: "8h" },
      storage: { archive },
    },
    /^storage\.archive: .* must be left out, unless s3 is set/,
  );
  refuses(
    { storage: { archive }, s3: reached },
    /^storage\.archive: .* must be left out, unless lifetime has a ttl or idle: .* Set it with: pulumi config set --path 'storage\.archive' s3a:\/\/my-bucket\/kept$/,
  );
  refuses(
    {
      cloud: "aws",
      access: { allowFrom: ["198.51.100.7"] },
      lifetime: { ttl: "8h" },
      s3: reached,
      storage: { archive: "/data/kept" },
    },
    /^storage\.archive: "\/data\/kept" was given; it must be a folder in a bucket/,
  );
  it("accepts an archive with a lifetime", () => {
    const given = {
      ...{ cloud: "aws", storage: { archive }, s3: reached, lifetime: { ttl: "8h" } },
      access: { allowFrom: ["198.51.100.7/32"] },
    };
    const { storage } = parseSettings(pulumiConfig(given));
    assert.deepEqual(storage, { replication: 2, reserved: 5, archive });
  });
  it("accepts a warehouse in S3 with storage", () => {
    const given = { storage: "hdfs", s3: reached, spark: { warehouse } };
    assert.equal(parseSettings(pulumiConfig(given)).spark.warehouse, warehouse);
  });
  const refusals: [name: string, problem: RegExp][] = [
    ["spark.master", /left out: the cluster sets it, because the cluster has one master/],
    ["spark.master.rest.enabled", /left out: the cluster sets it/],
    ["spark.authenticate.secret", /left out: the cluster sets it/],
    ["spark.driver.host", /left out: the cluster sets it/],
    ["spark.eventLog.enabled", /left out: the cluster sets it/],
    ["spark.eventLog.dir", /left out: use the setting spark\.eventLog/],
    ["spark.sql.sources.default", /left out: use the setting spark\.tables/],
    ["spark.sql.catalog.spark_catalog.type", /left out: use the setting spark\.tables/],
    ["spark.hadoop.fs.s3a.secret.key", /left out: use the setting s3\.secretKey/],
    ["spark.sql.shuffle.partitions 8", /left out: use the whole name of a property/],
    ["sql.shuffle.partitions", /left out: use the whole name of a property/],
  ];
  for (const [name, problem] of refusals) {
    it(`refuses ${name} in spark.conf, with how to remove it, and without its value`, () => {
      const [message = "", ...others] = problemsOf(
        pulumiConfig({ spark: { conf: { [name]: "hushhush" } } }),
      );
      assert.deepEqual(others, []);
      const path = `spark.conf["${name}"]`;
      assert.ok(message.startsWith(`${path}: a value was given; it must be `), message);
      assert.match(message, problem);
      assert.ok(message.endsWith(`Remove it with: pulumi config rm --path '${path}'`), message);
    });
  }
  // The result of `pulumi config set --path spark.conf.spark.speculation true`.
  refuses(
    { spark: { conf: { spark: { speculation: true } } } },
    /^spark\.conf\.spark: a value was given; it must be a text of one line, .*use the whole name of a property/,
  );
  refuses(
    { spark: { conf: { "spark.x": ["hushhush"] } } },
    /^spark\.conf\["spark\.x"\]: a value .* a text of one line/,
  );
  refuses(
    { spark: { conf: { "spark.x": "a\nb" } } },
    /^spark\.conf\["spark\.x"\]: a value .* a text of one line/,
  );
  refuses(
    { spark: { conf: "spark.x=1" } },
    /^spark\.conf: a value was given; it must be an object of/,
  );
  refuses(
    { spark: { allocation: "maximize", conf: { "spark.executor.memory": "2g" } } },
    /^spark\.conf\["spark\.executor\.memory"\]: .* left out, unless spark\.allocation is shared/,
  );

  accepts({ connect: true }, { connect: true });
  refuses({ connect: 1 }, /^connect: 1 was given; it must be true or false/);

  const store = { storage: "hdfs" };
  const kept = { storage: { replication: 2, reserved: 5 } };
  accepts({ sql: true, ...store }, { sql: { memory: 1024 }, ...kept });
  accepts(
    { sql: { cores: "2", memory: 512 }, ...store },
    { sql: { cores: 2, memory: 512 }, ...kept },
  );
  refuses({ sql: "yes", ...store }, /^sql: "yes" was given; it must be true, false, or an object/);
  refuses(
    { sql: { cores: 0 }, ...store },
    /^sql\.cores: 0 .* number of the cluster's cores for the SQL server/,
  );
  refuses(
    { sql: true, storage: "none" },
    /^storage: "none" was given; it must be hdfs, or sql must be left out: .* Set it with: pulumi config set 'storage' hdfs$/,
  );

  accepts({ livy: true }, { livy: { memory: 1024 } });
  accepts({ livy: { cores: 2, memory: "512" } }, { livy: { cores: 2, memory: 512 } });
  refuses({ livy: "yes" }, /^livy: "yes" was given; it must be true, false, or an object/);
  refuses(
    { livy: { cores: 0.5 } },
    /^livy\.cores: 0\.5 .* number of the cluster's cores for a session/,
  );
  refuses({ livy: { version: "0.9.0" } }, /^livy\.version: there is no such key\. .*archive/);
  describe("Livy's archive", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "settings-"));
    });
    after(() => rmSync(folder, { recursive: true }));
    const given = (content: string) => {
      const path = join(folder, "livy.zip");
      writeFileSync(path, content);
      return { livy: { archive: relative(process.cwd(), path) } };
    };

    it("is a zip of Livy for Scala 2.12, and becomes an absolute path", () => {
      const list = "livy/bin/livy-server livy/repl_2.12-jars/ PK\x05\x06";
      assert.deepEqual(parseSettings(pulumiConfig(given(list))).livy, {
        memory: 1024,
        archive: join(folder, "livy.zip"),
      });
    });

    for (const content of [
      "",
      "PK\x05\x06",
      "livy/bin/livy-server livy/repl_2.11-jars/ PK\x05\x06",
      "livy/bin/livy-server livy/repl_2.12-jars/",
    ]) {
      it(`is not ${JSON.stringify(content)}`, () => {
        const problems = problemsOf(pulumiConfig(given(content)));
        assert.match(
          problems.join("\n"),
          /^livy\.archive: ".*livy\.zip" was given; it must be the path of Apache Livy's archive for Scala 2\.12 .* Set it with: pulumi config set --path 'livy\.archive' \S+$/,
        );
      });
    }
    refuses({ livy: { archive: "/no/such/file" } }, /^livy\.archive: "\/no\/such\/file" was given/);
    refuses({ livy: { archive: __dirname } }, /^livy\.archive: /);
  });
  accepts({ monitoring: true }, { monitoring: true });
  refuses({ monitoring: "on" }, /^monitoring: "on" was given; it must be true or false/);

  const s3 = { region: "us-east-1", pathStyle: false, publicBuckets: [] };
  const keys = { accessKey: "AKIA0", secretKey: "se/cr+et" };
  accepts({ s3: keys }, { s3: { ...s3, ...keys } });
  for (const cloud of ["local", "digitalocean"]) {
    const access = cloud === "local" ? {} : { access: { allowFrom: ["198.51.100.7"] } };
    refuses({ cloud, ...access, s3: {} }, /^s3\.accessKey: .* only AWS hosts can use a role/);
  }
  describe("of S3 without keys, on AWS", () => {
    const aws = { cloud: "aws", access: { allowFrom: ["198.51.100.7"] }, s3: {} };
    refuses(aws, /^aws\.buckets: .* buckets for s3 to access without keys/);
    it("are accepted with the buckets that the hosts' role may use", () => {
      parseSettings(pulumiConfig({ ...aws, aws: { buckets: ["my-data"] } }));
    });
  });
  const temporary = { ...keys, sessionToken: "IQoJb3JpZ2luX2Vj" };
  accepts({ s3: temporary }, { s3: { ...s3, ...temporary } });
  refuses(
    { s3: { sessionToken: "IQoJ", publicBuckets: ["nyc-tlc"] } },
    /^s3\.sessionToken: a value was given; it must be left out, or given with its accessKey/,
  );
  const open = { publicBuckets: ["nyc-tlc", "noaa.gov"] };
  accepts({ s3: open }, { s3: { ...s3, ...open } });
  accepts({ s3: { ...keys, ...open } }, { s3: { ...s3, ...keys, ...open } });
  refuses(
    { s3: { publicBuckets: ["s3a://nyc-tlc"] } },
    /^s3\.publicBuckets\[0\]: "s3a:\/\/nyc-tlc" was given; it must be the name of an S3 bucket/,
  );
  accepts(
    { spark: { eventLog: "s3://my-bucket/events" }, s3: keys },
    {
      spark: {
        packages: [],
        pip: [],
        allocation: "shared",
        conf: {},
        tables: "parquet",
        eventLog: "s3://my-bucket/events",
      },
      s3: { ...s3, ...keys },
    },
  );
  const spaces = { endpoint: "https://nyc3.digitaloceanspaces.com", ...keys };
  accepts({ s3: spaces }, { s3: { ...s3, ...spaces } });
  refuses(
    { s3: { ...keys, endpoint: "nyc3" } },
    /^s3\.endpoint: "nyc3" was given; it must be the address/,
  );
  it("does not repeat a key", () => {
    for (const given of [
      { secretKey: "a b" },
      { accessKey: "a b" },
      { secretKey: "hushhush" },
      { ...keys, sessionToken: "a b" },
      { sessionToken: "hushhush" },
    ]) {
      const problems = problemsOf(pulumiConfig({ s3: given })).join("\n");
      assert.match(problems, /s3/);
      assert.ok(!/a b|hushhush/.test(problems), problems);
    }
  });
});
