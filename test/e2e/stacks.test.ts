import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { hostIds, processesOf } from "./harness/leftovers";
import { freePort } from "./harness/ports";
import { eventually, succeed } from "./harness/programs";
import { destroySharedCluster, sharedCluster } from "./harness/shared-cluster";
import { folder, repository, Stack } from "./harness/stack";

describe("Compose stacks of the user's own", function () {
  this.timeout("10m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await sharedCluster();
  });

  /** A Compose file with one service, a web server on the cluster's network. */
  function composeFile(name: string, image: string): string {
    const web = {
      image,
      entrypoint: ["python3", "-m", "http.server", "8000", "--directory", "/etc"],
      networks: { spark: { aliases: [name] } },
      deploy: { endpoint_mode: "dnsrr" },
    };
    const path = join(folder, `${name}.yml`);
    const networks = { spark: { external: true } };
    writeFileSync(path, stringify({ version: "3.8", services: { web }, networks }));
    return path;
  }
  const namesOfStacks = async () =>
    (await stack.onHost("manager", "docker stack ls --format '{{.Name}}'"))
      .trim()
      .split("\n")
      .sort();

  it("are deployed on the cluster's network, and go when they leave the configuration", async () => {
    const { image } = await stack.cluster();
    await stack.configure("stacks[0].name", "pages");
    await stack.configure("stacks[0].file", composeFile("pages", image));
    await stack.up();
    const page = await stack.onHost(
      "manager",
      "docker exec $(docker ps -qf name=spark_master) curl -fsS http://pages:8000/debian_version",
    );
    match(page, /^\d/);
    await stack.up("--expect-no-changes");

    await stack.pulumi(["config", "rm", "stacks"]);
    await stack.up();
    deepEqual(await namesOfStacks(), ["bastion", "spark"]);
  });

  it("go also when the manager on which they were has gone before", async () => {
    const { image } = await stack.cluster();
    await stack.configure("stacks[0].name", "pages");
    await stack.configure("stacks[0].file", composeFile("pages", image));
    await stack.up();
    await stack.pulumi(["config", "rm", "stacks"]);
    await stack.configure("manager.memory", "3200");
    match(await stack.up(), /Container \S+-manager replaced/);
    deepEqual(await namesOfStacks(), ["bastion", "spark"]);
    await stack.up("--expect-no-changes");
  });

  it("that cannot start fail up with the reason, within a minute, and leave nothing", async () => {
    await stack.configure("stacks[0].name", "broken");
    await stack.configure("stacks[0].file", composeFile("broken", "spark-swarm/missing:1"));
    const began = Date.now();
    const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"]);
    notEqual(status, 0);
    match(output, /broken_web.*No such image: spark-swarm\/missing:1/);
    ok(Date.now() - began < 60_000, `up took ${Date.now() - began} ms`);
    deepEqual((await stack.status()).problems, [], "the rest of the cluster is well");

    await stack.pulumi(["config", "rm", "stacks"]);
    await stack.up();
    deepEqual(await namesOfStacks(), ["bastion", "spark"]);
  });
});

describe("Two stacks on one machine", function () {
  this.timeout("10m");

  it("work side by side, and destroy leaves nothing of either, even of one whose hosts are dead", async () => {
    const first = await sharedCluster();
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

    await destroySharedCluster();
    await nothingIsLeft(first, hosts.first);
  });
});

/** No container, volume, network, process, control group or tunnel. */
async function nothingIsLeft(stack: Stack, hosts: string[]): Promise<void> {
  deepEqual(await stack.objects(), []);
  await eventually(30, () => deepEqual(processesOf(stack.label, hosts), []));
  await eventually(30, () => deepEqual(processesOf(`tunnels/${stack.name}`, []), []));
}
