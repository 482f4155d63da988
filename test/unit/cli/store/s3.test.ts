import { deepEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { hadoopConfiguration, type S3Args } from "../../../../components/spark/s3";

const FILES = join(__dirname, "../../../../images/spark/files");
const PROGRAM = "import json, sys, s3; print(json.dumps(s3.options(sys.stdin.read())))";

/** How the store's program opens an S3 service, from Hadoop's configuration. */
function options(s3: S3Args): unknown {
  const env = { ...process.env, PYTHONPATH: FILES };
  const input = hadoopConfiguration(s3);
  const { stdout, stderr } = spawnSync("python3", ["-B", "-c", PROGRAM], { input, env });
  return JSON.parse(stdout.toString() || `"${stderr}"`);
}

describe("the cluster's S3", () => {
  const keys = { accessKey: "AKIA0", secretKey: "a<b&c" };
  const opened = { access_key: "AKIA0", secret_key: "a<b&c", session_token: null };

  it("is a service with an address, by keys", () => {
    const endpoint = "http://192.0.2.1:9000";
    deepEqual(options({ endpoint, region: "fra1", pathStyle: true, ...keys }), {
      region: "fra1",
      scheme: "http",
      endpoint_override: "192.0.2.1:9000",
      force_virtual_addressing: false,
      ...opened,
    });
  });

  it("has buckets in host names if it requires that", () => {
    const endpoint = "nyc3.digitaloceanspaces.com";
    deepEqual(options({ endpoint, region: "nyc3", pathStyle: false, ...keys }), {
      region: "nyc3",
      scheme: "https",
      endpoint_override: endpoint,
      force_virtual_addressing: true,
      ...opened,
    });
  });

  it("is AWS's own, by the host's role, without either", () => {
    deepEqual(options({ region: "us-east-1", pathStyle: false }), {
      region: "us-east-1",
      force_virtual_addressing: false,
    });
  });
});
