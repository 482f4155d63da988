import { deepEqual, match, notEqual } from "node:assert/strict";
import { Stack } from "./harness/stack";

describe("A stack before its first up", function () {
  this.timeout("25m");
  it("can be previewed, and nothing is created", async () => {
    const stack = await new Stack("preview").create({ workers: "3" });
    match(await stack.pulumi(["preview"]), /worker-2 create/);
    deepEqual(await stack.objects(), []);
    await stack.destroy();
  });

  it("reports every error of a bad configuration with its fix, and creates nothing", async () => {
    const stack = await new Stack("settings").create({
      "manager.cpus": "0",
      "manager.memory": "100",
      wrokers: "3",
    });
    for (const verb of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { status, output } = await stack.tryPulumi(verb);
      notEqual(status, 0);
      match(output, /3 problems/);
      match(output, /manager\.cpus: .*0 was given.*pulumi config set .*manager\.cpus/);
      match(output, /manager\.memory: .*100.*pulumi config set .*manager\.memory/);
      match(output, /wrokers: .*did you mean 'workers'\?.*pulumi config rm .*wrokers/);
    }
    // The other allowed settings depend on the cloud.
    await stack.configure("cloud", "loacl");
    const { output } = await stack.tryPulumi(["preview"]);
    match(output, /has a problem:\n.*cloud: .*"loacl".*pulumi config set .*cloud/);
    deepEqual(await stack.objects(), []);
    await stack.destroy();
  });
});
