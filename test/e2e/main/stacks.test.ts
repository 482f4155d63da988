import { deepEqual, match, notEqual } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { mainCluster } from "../harness/main-cluster";
import { folder, type Stack } from "../harness/stack";

describe("The user's Compose stacks", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
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

  it("are deployed on the cluster's network, and removed when they leave the configuration", async () => {
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

  it("fail up with the reason if they cannot start, and leave nothing", async () => {
    await stack.configure("stacks[0].name", "broken");
    await stack.configure("stacks[0].file", composeFile("broken", "spark-swarm/missing:1"));
    // Less than the time that Swarm's services have to converge.
    const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"], 60);
    notEqual(status, 0);
    match(output, /broken_web.*No such image: spark-swarm\/missing:1/);
    deepEqual((await stack.status()).problems, [], "the rest of the cluster is well");

    await stack.pulumi(["config", "rm", "stacks"]);
    await stack.up();
    deepEqual(await namesOfStacks(), ["bastion", "spark"]);
  });
});
