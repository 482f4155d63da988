import { deepEqual } from "node:assert/strict";
import { checkMonitoring } from "./harness/monitoring";
import { endPrograms } from "./harness/programs";
import { destroySharedCluster } from "./harness/shared-cluster";
import { Stack } from "./harness/stack";

describe("A cluster with monitoring", function () {
  this.timeout("10m");
  let stack: Stack;
  before("a cluster", async () => {
    await destroySharedCluster();
    stack = await new Stack("monitoring").create({ monitoring: "true" });
    await stack.up();
  });
  after(endPrograms);

  checkMonitoring(() => stack);

  it("is not changed by a second up", async () => {
    await stack.up("--expect-no-changes");
    deepEqual((await stack.status()).problems, []);
  });
});
