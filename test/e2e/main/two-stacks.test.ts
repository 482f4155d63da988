// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files and Dockerfiles
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostIds, processesOf } from "../harness/leftovers";
import { mainCluster } from "../harness/main-cluster";
import { nothingIsLeft } from "../harness/nothing-left";
import { freePort } from "../harness/ports";
import { succeed } from "../harness/programs";
import { folder, repository, Stack } from "../harness/stack";

/** A Compose file with a service whose image is built, beside its context. */
const BUILT = {
  "compose.yaml": `services:
  app:
    build: { context: ./app, args: { BASE: "\${IMAGE}" } }
    entrypoint: [sleep, infinity]
    deploy: { mode: global }
`,
  "app/Dockerfile": "ARG BASE\nFROM ${BASE}\nCOPY hello.txt /hello.txt\n",
  "app/hello.txt": "hello",
};

// The last file of its folder: it destroys the folder's cluster.
describe("Two stacks on one machine", function () {
  this.timeout("25m");
  let first: Stack;
  let second: Stack;
  before("a second cluster, with an image built for it", async () => {
    first = await mainCluster();
    const at = join(folder, "built");
    for (const [name, text] of Object.entries(BUILT)) {
      mkdirSync(join(at, name, ".."), { recursive: true });
      writeFileSync(join(at, name), text);
    }
    second = await new Stack("second").create({
      workers: "1",
      storage: "none",
      "stacks[0].name": "shop",
      "stacks[0].file": join(at, "compose.yaml"),
      "stacks[0].env.IMAGE": (await first.cluster()).image,
    });
    await second.up();
  });

  it("may build an image from a folder", async () => {
    const said = await second.onHost(
      "worker-0",
      "docker exec $(docker ps -qf name=shop_app) cat /hello.txt",
    );
    equal(said.trim(), "hello");
    await second.up("--expect-no-changes");
  });

  it("work side by side, and destroy leaves nothing of either, even if one's hosts are dead", async () => {
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
