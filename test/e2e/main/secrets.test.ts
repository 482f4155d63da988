import { match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLines } from "../harness/leftovers";
import { mainCluster } from "../harness/main-cluster";
import { pause } from "../harness/programs";
import { folder, type Stack } from "../harness/stack";

describe("A cluster that is up", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
  });

  it("keeps its secrets out of Pulumi's output and state, services, containers and command lines", async () => {
    const secrets = {
      "a private key": /PRIVATE KEY/,
      "Spark's secret": literal(
        await stack.onHost(
          "manager",
          "docker exec $(docker ps -qf name=spark_master) cat /run/secrets/spark_secret",
        ),
      ),
      "a join token": literal(
        (await stack.onHost("manager", "docker swarm join-token -q worker")).slice(-26),
      ),
      "the client key": literal(
        (await stack.pulumi(["stack", "output", "privateKey", "--show-secrets"])).split("\n")[2],
      ),
    };
    const seen = new Set<string>();
    let over = false;
    const watch = (async () => {
      while (!over) {
        for (const { commandLine } of commandLines()) seen.add(commandLine);
        await pause(50);
      }
    })();
    // A change that runs every command again on the manager.
    const update = await stack.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--target-replace",
      `**form`,
      "--target-dependents",
    ]);
    const { output } = await stack.sparkSwarm([
      "submit",
      join(__dirname, "../jobs/uses_helper.py"),
      "--py-files",
      join(__dirname, "../jobs/helper.py"),
    ]);
    match(output, /^9900$/m);
    over = true;
    await watch;
    const places = {
      "output of up": update,
      "output of a job": output,
      state: files(join(folder, "state")),
      "command lines": [...seen].join("\n"),
      services: await stack.onHost("manager", "docker service inspect $(docker service ls -q)"),
      "containers on the manager": await stack.onHost("manager", "docker inspect $(docker ps -aq)"),
      "containers on a worker": await stack.onHost("worker-0", "docker inspect $(docker ps -aq)"),
    };
    ok(seen.size > 50, "command lines were seen");
    for (const [place, text] of Object.entries(places)) {
      for (const [secret, pattern] of Object.entries(secrets)) {
        ok(!pattern.test(text), `${secret} is in ${place}`);
      }
    }
  });
});

function literal(text: string | undefined): RegExp {
  const trimmed = text?.trim() ?? "";
  ok(trimmed.length > 20, "a secret to look for");
  return new RegExp(trimmed.replace(/[^\w]/g, "\\$&"));
}

/** The text of all files below a folder. */
function files(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}
