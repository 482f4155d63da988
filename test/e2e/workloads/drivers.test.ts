import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

describe("A driver", function () {
  this.timeout("25m");
  const pi = join(repository, "examples/pi.py");
  let stack: Stack;
  before("a cluster", async () => {
    stack = (await workloadCluster()).stack;
  });

  it("is refused when its Python is not the workers'", async () => {
    const file = "/usr/local/lib/spark-versions.py";
    const onWorker = (script: string) =>
      stack.onHost(
        "worker-0",
        `worker=$(docker ps -qf label=com.docker.swarm.service.name=spark_worker)
         address=$(docker exec $worker hostname -I | tr ' ' '\\n' | grep '^10\\.201')
         in_worker() { docker exec -u 0 "$@"; }
         ${script}`,
      );
    // The worker serves the versions that this program found when it started.
    const tellAnew = `in_worker $worker pkill -f '[s]park-versions.py serve'
      in_worker -d $worker python3 ${file} serve $address`;
    await onWorker(`in_worker $worker sed -i.own 's/"Python": .*/"Python": "3.9",/' ${file}
      ${tellAnew}`);
    try {
      const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
      equal(status, 78, output);
      match(output, /versions differ from those of these workers/);
      match(
        output,
        /driver: Spark 3\.5\.9, Java 17, Python 3\.11\n +10\.201\.\S+: Spark 3\.5\.9, Java 17, Python 3\.9\n/,
      );
    } finally {
      await onWorker(`in_worker $worker mv ${file}.own ${file}
        ${tellAnew}`);
    }
    const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
    equal(status, 0, output);
  });
});
