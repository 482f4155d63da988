import { ok } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CloudStack, cloudWithSnapshot } from "../../e2e/harness/cloud-stack";
import { folder, repository, Stack } from "../../e2e/harness/stack";
import { recordingsOf } from "./grpc-log";

/** The stacks whose lives test/contract/recordings records; see scripts/record. */
describe("Recordings of the official plugins", function () {
  this.timeout("30m");
  before(() => {
    ok(process.env.SPARK_SWARM_PLUGINS, "SPARK_SWARM_PLUGINS: the folder of official plugins");
  });

  /** Runs Pulumi so that its engine logs its calls to plugins and their answers. */
  function recorder(stack: Stack, session: string) {
    const log = join(folder, `${session}.grpc`);
    stack.variables = { ...stack.variables, PULUMI_DEBUG_GRPC: log };
    return () => {
      const folders = { [folder]: "/state", [repository]: "/project", [homedir()]: "/home" };
      const recordings = recordingsOf(readFileSync(log, "utf8"), session, folders);
      const lines = recordings.map((one) => `${JSON.stringify(one)}\n`);
      writeFileSync(join(__dirname, `../recordings/${session}.jsonl`), lines.join(""));
      rmSync(log);
    };
  }

  it("are made of a local cluster", async () => {
    const stack = await new Stack("record").create({
      workers: "1",
      "manager.cpus": "2",
      connect: "true",
    });
    const keep = recorder(stack, "local");
    await stack.pulumi(["up", "--yes"]);
    await stack.refresh();
    await stack.up();
    await stack.configure("workers", "2");
    await stack.pulumi(["up", "--yes"]);
    // Changed images change the seed: all hosts are replaced.
    await stack.configure("connect", "false");
    await stack.pulumi(["up", "--yes"]);
    await stack.destroy();
    keep();
  });

  it("are made of a cluster on the emulated DigitalOcean", async () => {
    const cloud = await cloudWithSnapshot("digitalocean", { boot: 0 });
    const stack = await new CloudStack("record", "digitalocean", cloud).create({
      workers: "1",
    });
    const keep = recorder(stack, "digitalocean");
    await stack.pulumi(["up", "--yes"]);
    await stack.refresh();
    await stack.up();
    await stack.configure("workers", "2");
    await stack.configure("access.allowFrom[1]", "192.0.2.0/24");
    await stack.pulumi(["up", "--yes"]);
    await stack.refresh();
    await stack.destroy();
    keep();
    await cloud.stop();
  });
});
