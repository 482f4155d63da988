import assert from "node:assert/strict";
import { Connect } from "../../../components/connect/connect";
import { hadoopConfiguration, type S3Args } from "../../../components/spark/s3";
import { documentOf, inPreviewAndUpdate, scriptOf, UNKNOWN } from "./mocks";
import { allocation, s3, withSpark } from "./spark";

inPreviewAndUpdate((preview) => {
  describe("S3", () => {
    it("is a secret of all parts of Spark and all drivers; its name changes with its value", async () => {
      const { find } = await withSpark(
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
      const other = await withSpark(preview, () => {}, { s3: { ...s3, secretKey: "other" } });
      assert.notEqual(scriptOf(other.find("spark-s3")).variables.SECRET, SECRET);
      assert.ok(!JSON.stringify([spark, connect]).includes(s3.accessKey));
    });
  });

  describe("S3 without keys", () => {
    it("uses the host's role, whose credentials one service on each host passes on", async () => {
      const { find } = await withSpark(
        preview,
        (spark) => {
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
        const { registered } = await withSpark(preview, () => {}, { s3: given });
        assert.equal(
          registered.some(({ name }) => name.startsWith("spark-role")),
          expected,
        );
      });
    }
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
