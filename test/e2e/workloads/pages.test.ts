import { equal, match, ok } from "node:assert/strict";
import { eventually } from "../harness/programs";
import type { Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

describe("Spark's pages on local ports", function () {
  this.timeout("25m");
  let stack: Stack;
  let master: string;
  /** One that is not among the cluster's pages. */
  let service: string;
  before("a cluster, and a tunnel in the background", async () => {
    ({ stack } = await workloadCluster());
    const services = ["--forward", "metastore:9083", "--forward", "namenode:9870"];
    const words = ["tunnel", ...services, "--background", "--json"];
    const tunnel = await stack.sparkSwarm(words);
    equal(tunnel.status, 0, tunnel.output);
    const { forwards } = JSON.parse(tunnel.stdout) as {
      forwards: { title: string; localPort: number }[];
    };
    const address = (page: string) =>
      `http://localhost:${forwards.find(({ title }) => title === page)?.localPort}/`;
    master = address("master");
    service = address("namenode:9870");
  });

  async function get(address: string): Promise<string> {
    const answer = await fetch(address, { signal: AbortSignal.timeout(60_000) });
    equal(answer.status, 200, address);
    return answer.text();
  }
  const links = (page: string, pattern: RegExp) =>
    [...page.matchAll(pattern)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));

  it("lead from the master to workers and applications, and on to the executors' logs", async () => {
    const page = await get(master);
    const addresses = links(page, /href="(http:\/\/[^"]+)"/g).filter(
      (link) => !link.includes("spark.apache.org"),
    );
    ok(
      addresses.every((link) => link.startsWith("http://localhost:")),
      addresses.join("\n"),
    );
    const others = (await Promise.all(addresses.map(get))).join("\n");
    match(others, /Spark Worker at/);
    match(others, /Spark Jobs/);

    const applications = links(page, /href="(app\/\?appId=[^"]+)"/g);
    const pages = await Promise.all(applications.map((link) => get(new URL(link, master).href)));
    const [log] = links(pages.join("\n"), /href="(http:\/\/localhost:[^"]+logType=stderr)"/g);
    ok(log, pages.join("\n"));
    match(await get(log), /CoarseGrainedExecutorBackend/);
  });

  it("are beside those of services that were named", async () => {
    match(await get(service), /dfshealth/);
  });

  it("are closed with the tunnel", async () => {
    equal((await stack.sparkSwarm(["tunnel", "--stop"])).status, 0);
    await eventually(30, async () => {
      const answers = await fetch(master).catch(() => undefined);
      equal(answers, undefined);
    });
  });
});
