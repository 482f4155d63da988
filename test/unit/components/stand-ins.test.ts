import assert from "node:assert/strict";
import { refuseStandIns, standIns } from "../../../program/stand-ins";

describe("stand-ins of Pulumi plugins", () => {
  const served = { SPARK_SWARM_STAND_INS: "command docker " };

  it("are named in the environment", () => {
    assert.deepEqual(standIns(served), ["command", "docker"]);
    for (const none of [{}, { SPARK_SWARM_STAND_INS: "" }]) assert.deepEqual(standIns(none), []);
  });

  for (const cloud of ["digitalocean", "aws"]) {
    it(`are refused on ${cloud}, with advice`, () => {
      assert.throws(
        () => refuseStandIns(cloud, served),
        /^Error: cloud: .* command, docker\. .*scripts\/setup\/plugins.*SPARK_SWARM_PLUGINS/,
      );
    });

    it(`are allowed on an emulated ${cloud}`, () => {
      refuseStandIns(cloud, { ...served, SPARK_SWARM_EMULATED: "1" });
    });

    it(`are not refused if all are official on ${cloud}`, () => {
      refuseStandIns(cloud, { SPARK_SWARM_STAND_INS: "" });
    });
  }

  it("are allowed for clusters on this machine", () => {
    refuseStandIns("local", served);
  });
});
