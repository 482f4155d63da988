import { deepEqual, match, ok } from "node:assert/strict";
import type { EmulatedCloud } from "../../emulators/daemon";
import { CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { succeed } from "../harness/programs";

const BASE = "debian:bookworm-slim";

describe("Images on a cloud", function () {
  this.timeout("25m");
  let cloud: EmulatedCloud;
  let stack: CloudStack;
  before("a cluster of a snapshot without the image for monitoring", async () => {
    cloud = await cloudWithSnapshot("digitalocean", { boot: 0 });
    stack = await new CloudStack("images", "digitalocean", cloud).create({
      storage: "none",
      "workers.count": "1",
      "workers.size": "s-1vcpu-2gb",
    });
    await stack.up();
  });
  after(() => cloud?.stop());

  const references = async (host: string) =>
    (await stack.onHost(host, "docker images --format '{{.Repository}}'")).trim().split("\n");

  it("are not built when the snapshot has them", async () => {
    const containers = await stack.onHost("manager", "docker ps --format '{{.Names}}'");
    ok(!/^registry$/m.test(containers), containers);
  });

  it("are built on the manager when it lacks one, and served to the other hosts", async () => {
    // The part that a machine with internet access pulls.
    const manager = await stack.containerOf("manager");
    const load = `docker save ${BASE} | docker exec -i ${manager} docker load`;
    await succeed(["sh", "-c", load], { seconds: 60 });
    await stack.configure("monitoring", "true");
    const output = await stack.up();
    match(output, /building manager:5000\/registry:\w+/);
    match(output, /building manager:5000\/monitoring:\w+/);
    match(output, /manager:5000\/spark:\w+ is there already/);
    for (const host of ["manager", "worker-0"]) {
      ok((await references(host)).includes("manager:5000/monitoring"), host);
    }
    const { services } = await stack.isWell();
    const exporter = services.find(({ name }) => name.includes("exporter"));
    deepEqual([exporter?.running, exporter?.desired], [2, 2]);
    deepEqual(await stack.onHost("manager", "ls -d /tmp/tmp.* 2>/dev/null || true"), "");
  });

  it("are unchanged for another up, whose archive is another file", async () => {
    await stack.up("--expect-no-changes");
    await stack.refresh("--expect-no-changes");
    await stack.up("--expect-no-changes");
  });
});
