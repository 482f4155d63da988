import assert from "node:assert/strict";
import { fails, type Rule, runScript, succeeds } from "./shell";

const variables = {
  SWARM: "m1",
  SETTING: "spark.eventLog",
  IMAGE: "spark:1",
  FOLDER: "s3a://my-bucket/events",
  HADOOP: "<configuration>hushhush</configuration>",
  ROLE: "",
};
const run = (rule: Omit<Rule, "when"> = {}, more = {}) =>
  runScript("spark/bucket-folder.sh", { ...variables, ...more }, [{ when: "run *", ...rule }]);

describe("creating a folder in a bucket", () => {
  it("uses Spark's image, without the keys in its command line", () => {
    const { calls } = succeeds(run());
    const command = calls.join("\n");
    assert.match(
      command,
      /--entrypoint bash spark:1 [\s\S]*-mkdir -p "\$1" - s3a:\/\/my-bucket\/events$/,
    );
    assert.match(command, / --interactive /);
    assert.ok(!command.includes("hushhush"));
    assert.ok(!command.includes("/run/aws:ro"));
  });

  it("uses the host's role if there are no keys", () => {
    const { calls } = succeeds(run({}, { ROLE: "yes" }));
    assert.match(calls.join("\n"), / --volume spark_role:\/run\/aws:ro --entrypoint /);
  });

  it("reports the folder's setting and Hadoop's error", () => {
    const { stderr } = fails(run({ status: 1, answer: "mkdir: Bucket my-bucket does not exist" }));
    assert.equal(
      stderr,
      "spark.eventLog: the folder s3a://my-bucket/events cannot be made:\nmkdir: Bucket my-bucket does not exist\n",
    );
  });
});
