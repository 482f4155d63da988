import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

describe("A driver", function () {
  this.timeout("10m");
  const pi = join(repository, "examples/pi.py");
  let stack: Stack;
  before("a cluster", async () => {
    stack = (await workloadCluster()).stack;
  });

  it("is refused when its Python is not the workers'", async () => {
    const file = "/usr/local/lib/spark-versions.py";
    // The worker tells what this says when it starts.
    const inWorker = (command: string) =>
      stack.onHost(
        "worker-0",
        `docker exec -u 0 $(docker ps -qf label=com.docker.swarm.service.name=spark_worker) ${command}`,
      );
    await inWorker(`sed -i.own 's/"Python": .*/"Python": "3.9",/' ${file}`);
    const start = `sh -c 'pkill -f "${file} serve"; nohup python3 ${file} serve $(hostname -I | tr " " "\\n" | grep "^$OVERLAY_PREFIX") >/dev/null 2>&1 &'`;
    await inWorker(start);
    try {
      const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
      equal(status, 78, output);
      match(output, /versions are not those of these workers/);
      match(
        output,
        /driver: Spark 3\.5\.9, Java 17, Python 3\.11\n +10\.201\.\S+: Spark 3\.5\.9, Java 17, Python 3\.9\n/,
      );
    } finally {
      await inWorker(`mv ${file}.own ${file}`);
      await inWorker(start);
    }
    const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
    equal(status, 0, output);
  });
});
