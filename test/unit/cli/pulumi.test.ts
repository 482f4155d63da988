import assert from "node:assert/strict";
import { explainPulumi, pulumiEnvironment } from "../../../cli/pulumi/pulumi";

describe("Pulumi's environment", () => {
  const from = {
    PATH: "/usr/bin",
    HOME: "/home/ada",
    PULUMI_CONFIG_PASSPHRASE: "of another project",
  };
  const quickstart = (variables: NodeJS.ProcessEnv) =>
    pulumiEnvironment(variables, "/repo/.spark-swarm", () => true);

  it("is quickstart's, once that has created a state", () => {
    assert.deepEqual(quickstart(from), {
      PATH: "/usr/bin:/home/ada/.cache/spark-swarm/bin",
      HOME: "/home/ada",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_BACKEND_URL: "file:///repo/.spark-swarm/state?metadata=skip",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/repo/.spark-swarm/passphrase",
      PULUMI_HOME: "/repo/.spark-swarm/home",
    });
  });

  it("is the user's, if the user names a backend", () => {
    const environment = quickstart({ ...from, PULUMI_BACKEND_URL: "s3://states" });
    assert.equal(environment.PULUMI_BACKEND_URL, "s3://states");
    assert.equal(environment.PULUMI_CONFIG_PASSPHRASE, "of another project");
    assert.equal(environment.PULUMI_HOME, undefined);
  });

  it("is the user's login, if quickstart has no state", () => {
    const environment = pulumiEnvironment(from, "/repo/.spark-swarm", () => false);
    assert.equal(environment.PULUMI_BACKEND_URL, undefined);
    assert.equal(environment.PULUMI_CONFIG_PASSPHRASE, "of another project");
  });

  it("finds Pulumi in the user's cache too", () => {
    const { PATH } = pulumiEnvironment({ PATH: "/usr/bin", XDG_CACHE_HOME: "/cache" });
    assert.equal(PATH, "/usr/bin:/cache/spark-swarm/bin");
  });
});

describe("Pulumi's errors", () => {
  for (const [stderr, code, message] of [
    ["error: no stack named 'prod' found", "noCluster", /There is no stack prod/],
    ["error: no stack selected; please use `pulumi stack select`", "noCluster", /--stack/],
    ["error: PULUMI_ACCESS_TOKEN must be set for login", "denied", /pulumi login --local/],
    ["error: getting secrets manager: incorrect passphrase", "denied", /PULUMI_CONFIG_PASSPHRASE/],
    ["error: the disk is full", "failed", /Pulumi failed: the disk is full/],
  ] as const) {
    it(`are explained: ${stderr}`, () => {
      const error = explainPulumi(stderr);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }
});
