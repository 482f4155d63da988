import assert from "node:assert/strict";
import { parseOutputs } from "../../../cli/cluster/cluster";
import { accessSchema } from "../../../program/outputs";
import { cluster } from "./fixtures";

const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\n…";

describe("the stack's outputs", () => {
  it("are read", () => {
    const read = parseOutputs(accessSchema, JSON.stringify({ cluster, privateKey, other: 1 }));
    assert.deepEqual(read, { cluster, privateKey });
  });

  it("report that no cluster is up", () => {
    assert.throws(() => parseOutputs(accessSchema, "{}", "dev"), {
      code: "noCluster",
      message: /No cluster is up on stack dev\. Create one with `pulumi up`/,
    });
  });

  it("report all their problems", () => {
    const broken = { ...cluster, manager: { ...cluster.manager, port: 0 }, network: undefined };
    assert.throws(
      () => parseOutputs(accessSchema, JSON.stringify({ cluster: broken, privateKey })),
      {
        code: "noCluster",
        message: /cluster\.manager\.port: .*cluster\.network: /s,
      },
    );
  });

  it("cannot add lines to OpenSSH's configuration", () => {
    for (const address of ["a\n  ProxyCommand evil", 'a" b', "a b"]) {
      const broken = { ...cluster, manager: { ...cluster.manager, address } };
      assert.throws(() =>
        parseOutputs(accessSchema, JSON.stringify({ cluster: broken, privateKey })),
      );
    }
  });
});
