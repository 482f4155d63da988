import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { eventually } from "./harness/programs";
import { Stack } from "./harness/stack";

describe("A local cluster whose images are built anew", function () {
  this.timeout("25m");
  const keep = join(__dirname, "jobs/keep.py");
  const hosts = ["manager", "worker-0"];
  let stack: Stack;
  let events: string[];
  let former: Awaited<ReturnType<Stack["cluster"]>>;

  before("a cluster with things of people's, and then another image", async () => {
    stack = await new Stack("rebuilt").create({ workers: "1" });
    await stack.up();
    const { status, output } = await stack.sparkSwarm(["submit", keep, "--", "write", "/data/out"]);
    equal(status, 0, output);
    for (const host of hosts) {
      await stack.onHost(
        host,
        `echo of ${host} >/data/of-${host}
         docker volume create mine
         echo of ${host} >"$(docker volume inspect --format '{{.Mountpoint}}' mine)/file"
         echo of nobody >"$(docker volume inspect --format '{{.Mountpoint}}' "$(docker volume create)")/file"`,
      );
    }
    events = (await stack.onHost("manager", "ls /var/lib/spark/events")).split("\n");
    former = await stack.cluster();
    await stack.configure("spark.pip[0]", "humanize==4.9.0");
    await stack.up();
  });
  after(async () => {
    await stack.destroy();
    deepEqual(await stack.objects(), []);
  });

  it("has other hosts, which are well, and in whose store a job finds its rows and its table", async () => {
    const now = await stack.cluster();
    notEqual(now.image, former.image);
    notEqual(now.workers[0]?.id, former.workers[0]?.id);
    await stack.isWell();
    deepEqual(
      await stack.nodes(),
      hosts.map((host) => `${host} Ready Active`),
    );
    const { stdout, output } = await stack.sparkSwarm(["submit", keep, "--", "read", "/data/out"]);
    equal(stdout, "1000 499500\n", output);
    await stack.up("--expect-no-changes");
  });

  for (const host of hosts) {
    it(`has what else was on its ${host}: /data and volumes with a name`, async () => {
      const show = `cat /data/of-${host} "$(docker volume inspect --format '{{.Mountpoint}}' mine)/file"`;
      equal(await stack.onHost(host, show), `of ${host}\nof ${host}\n`);
      const unnamed = "docker volume ls --quiet | grep -cE '^[0-9a-f]{64}$' || true";
      equal(await stack.onHost(host, unnamed), "0\n");
    });
  }

  it("has in its history what ran before", async () => {
    const application = events.find((name) => name.startsWith("app-"));
    const page = `http://history:18080/api/v1/applications/${application}`;
    const inHistory =
      "docker exec $(docker ps -qf label=com.docker.swarm.service.name=spark_history)";
    await eventually(30, async () => {
      match(await stack.onHost("manager", `${inHistory} curl -fsS ${page}`), /"completed" : true/);
    });
  });
});
