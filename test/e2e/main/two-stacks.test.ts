import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { hostIds, processesOf } from "../harness/leftovers";
import { mainCluster } from "../harness/main-cluster";
import { nothingIsLeft } from "../harness/nothing-left";
import { freePort } from "../harness/ports";
import { succeed } from "../harness/programs";
import { repository, Stack } from "../harness/stack";

// The last file of its folder: it destroys the folder's cluster.
describe("Two stacks on one machine", function () {
  this.timeout("25m");

  it("work side by side, and destroy leaves nothing of either, even if one's hosts are dead", async () => {
    const first = await mainCluster();
    const second = await new Stack("second").create({ workers: "1" });
    await second.up();
    deepEqual(await second.nodes(), ["manager Ready Active", "worker-0 Ready Active"]);
    const pi = ["submit", join(repository, "examples/pi.py"), "--", "2"];
    const jobs = await Promise.all([first.sparkSwarm(pi), second.sparkSwarm(pi)]);
    for (const { status, output } of jobs) equal(status, 0, output);
    for (const stack of [first, second]) {
      deepEqual((await stack.status()).problems, [], stack.name);
      const options = ["--background", "--port", String(await freePort())];
      equal((await stack.sparkSwarm(["tunnel", ...options])).status, 0);
    }

    const hosts = { first: await hostIds(first.label), second: await hostIds(second.label) };
    equal(hosts.first.length, 3);
    equal(hosts.second.length, 2);
    ok(processesOf(first.label, hosts.first).length > 5, "processes are found");
    for (const id of hosts.second) await succeed(["docker", "kill", id], { seconds: 30 });
    await second.destroy();
    await nothingIsLeft(second, hosts.second);
    deepEqual((await first.status()).problems, [], "the first stack has noticed nothing");

    await first.destroy();
    await nothingIsLeft(first, hosts.first);
  });
});
