import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Jupyter } from "../harness/jupyter";
import { succeed } from "../harness/programs";
import { repository } from "../harness/stack";
import {
  ACCESS_KEY,
  SECRET_KEY,
  type WorkloadCluster,
  workloadCluster,
} from "../harness/workload-cluster";

const HOSTS = ["manager", "worker-0", "worker-1"];

describe("Secrets", function () {
  this.timeout("25m");
  let cluster: WorkloadCluster;
  let secrets: Record<string, string>;
  before("a cluster on which a job has run", async () => {
    cluster = await workloadCluster();
    const { stack } = cluster;
    const jupyter = await Jupyter.open(stack);
    await jupyter.close();
    const sparkSecret = await inContainer("spark_master", "cat /run/secrets/spark_secret");
    secrets = { ACCESS_KEY, SECRET_KEY, token: jupyter.token, sparkSecret: sparkSecret.trim() };
    for (const secret of Object.values(secrets)) ok(secret.length > 16);
    const pi = join(repository, "examples/pi.py");
    const { status, output } = await stack.sparkSwarm(["submit", pi, "--", "4"]);
    equal(status, 0, output);
  });

  const inContainer = (service: string, command: string) =>
    cluster.stack.onHost(
      "manager",
      `docker exec $(docker ps -qf label=com.docker.swarm.service.name=${service}) ${command}`,
    );
  const page = (url: string) => inContainer("spark_master", `curl -fsSL --max-time 30 '${url}'`);

  /** Checks that none of them is in a text, and that the text has the expected content. */
  function notIn(text: string, expected: RegExp): void {
    match(text, expected);
    const found = Object.entries(secrets).filter(([, secret]) => text.includes(secret));
    deepEqual(
      found.map(([name]) => name),
      [],
    );
  }

  it("are in no process list, container description, image or log", async () => {
    for (const host of HOSTS) {
      const onHost = (command: string) => cluster.stack.onHost(host, command);
      notIn(await onHost("ps axww"), /org\.apache\.spark/);
      notIn(await onHost("docker inspect $(docker ps -aq)"), /OVERLAY_PREFIX/);
      notIn(
        await onHost(
          "docker history --no-trunc $(docker ps --format '{{.Image}}' | grep spark | head -1)",
        ),
        /pyspark/,
      );
      notIn(await onHost("for id in $(docker ps -aq); do docker logs $id 2>&1; done"), /Spark/);
      notIn(
        await succeed(["docker", "inspect", cluster.stack.container(host)], { seconds: 30 }),
        /Mounts/,
      );
    }
    const services = await cluster.stack.onHost(
      "manager",
      "docker service inspect $(docker service ls -q)",
    );
    notIn(services, /notebook_server/);
  });

  it("are on no page of Spark's, which redacts them", async () => {
    const applications = JSON.parse(await page("http://history:18080/api/v1/applications")) as {
      id: string;
    }[];
    const [latest] = applications;
    const api = `http://history:18080/api/v1/applications/${latest?.id}/environment`;
    notIn(await page(api), /"spark\.authenticate\.secret", *"\*+\(redacted\)"/);
    notIn(await page(`http://history:18080/history/${latest?.id}/environment/`), /redacted/);
    notIn(await page("http://master:8080"), /Spark Master/);
  });

  it("are not readable in the stack's state, its settings or the output of up", async () => {
    notIn(await cluster.stack.pulumi(["stack", "export"]), /ciphertext/);
    notIn(await cluster.stack.pulumi(["config"]), /s3/);
    notIn(cluster.log, /notebook is up/);
  });
});
