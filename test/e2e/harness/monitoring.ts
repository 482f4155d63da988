import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "./ports";
import { eventually, type Program, succeed } from "./programs";
import type { Stack } from "./stack";

const PAGE = "http://monitoring:9090/consoles/cluster.html";
const HOSTS = ["manager", "worker-0", "worker-1"];

/** A value of a time series, in the form of Prometheus' API. */
interface Sample {
  metric: Record<string, string>;
  value: [seconds: number, value: string];
}

/** Tests the monitoring of a cluster with two workers. */
export function checkMonitoring(stackOf: () => Promise<Stack>): void {
  let stack: Stack;
  let port: number;
  let tunnel: Program | undefined;
  before("a tunnel", async () => {
    stack = await stackOf();
    port = await freePort();
    tunnel = stack.start(["tunnel", "--port", `${port}`], { seconds: 600 });
    await tunnel.says(/Ctrl-C ends it/, 60);
  });
  after("no tunnel", async () => {
    tunnel?.signal("SIGINT");
    await tunnel?.ended;
  });

  const get = (url: string) =>
    succeed(["curl", "-fsSL", "--max-time", "20", "--socks5-hostname", `127.0.0.1:${port}`, url], {
      seconds: 30,
    });

  /** @param time in seconds since 1970; by default now */
  async function query(expression: string, time?: number): Promise<Sample[]> {
    const asked = new URLSearchParams({ query: expression, ...(time && { time: `${time}` }) });
    const answer = JSON.parse(await get(`http://monitoring:9090/api/v1/query?${asked}`)) as {
      data: { result: Sample[] };
    };
    return answer.data.result;
  }

  /** A metric of each host. */
  async function ofHosts(figure: string, time?: number): Promise<Record<string, number>> {
    const samples = await query(figure, time);
    const values = samples.map(({ metric, value }) => [metric.nodename, Number(value[1])]);
    const found = Object.fromEntries(values) as Record<string, number>;
    deepEqual(Object.keys(found).sort(), HOSTS, figure);
    return found;
  }

  it("has a page that loads only from the cluster itself", async () => {
    ok(tunnel?.stdout.includes(`${PAGE} `), tunnel?.stdout);
    const page = await get(PAGE);
    const parts = [...page.matchAll(/ (?:src|href)="([^"{$]+)"/g)].map(([, path = ""]) => path);
    ok(parts.some((path) => path.endsWith("/rickshaw.min.js")));
    for (const path of parts) {
      match(path, /^\/\w/);
      ok((await get(`http://monitoring:9090${path}`)).length > 100, path);
    }
  });

  it("has metrics of every host", async () => {
    for (const figure of [
      "host:cpu_used:ratio",
      "host:disk_used:ratio",
      "host:disk_read:bytes_per_second",
      "host:disk_written:bytes_per_second",
      "host:network_received:bytes_per_second",
      "host:network_sent:bytes_per_second",
    ]) {
      const values = Object.values(await eventually(60, () => ofHosts(figure)));
      for (const value of values) ok(value >= 0, figure);
      if (figure.endsWith(":ratio")) for (const value of values) ok(value < 1.5, figure);
    }
  });

  it("has the limits of each host, not those of the machine under all of them", async () => {
    const memory = await eventually(60, () => ofHosts("host:memory:bytes"));
    const used = await ofHosts("host:memory_used:bytes");
    for (const host of HOSTS) {
      const limit = ["docker", "inspect", "--format", "{{.HostConfig.Memory}}"];
      const printed = await succeed([...limit, stack.container(host)], { seconds: 30 });
      equal(memory[host], Number(printed));
      ok((used[host] ?? 0) > 20e6 && (used[host] ?? 0) < Number(printed), `${host} ${used[host]}`);
    }
  });

  it("counts Spark's workers and their cores", async () => {
    await eventually(60, async () => {
      const counted = async (expression: string) => (await query(expression))[0]?.value[1];
      equal(await counted('sum(metrics_master_aliveWorkers_Value{type="gauges"})'), "2");
      equal(await counted('count(metrics_worker_coresFree_Value{type="gauges"})'), "2");
    });
  });

  it("has metrics of an application's executors until it ends", async () => {
    const file = join(__dirname, "../jobs/until_released.py");
    const job = stack.start(["submit", file, "--", "never"], { seconds: 180 });
    const tasks =
      'metrics_executor_completedTasks_total{application_name="until released",executor_id!="driver"}';
    await eventually(90, async () => {
      const [executor] = await query(tasks);
      ok(Number(executor?.value[1]) > 0);
    });
    job.signal("SIGINT");
    await job.ended;
    await eventually(60, async () => deepEqual(await query(tasks), []));
  });

  it("keeps metrics when Prometheus is restarted", async () => {
    const [
      {
        value: [time],
      } = { value: [0] },
    ] = await query("host:memory:bytes");
    const kill = "docker kill $(docker ps -qf name=monitoring_prometheus)";
    await stack.onHost("manager", kill);
    await eventually(60, async () => {
      await ofHosts("host:memory:bytes", time);
      const [anew] = await query("count(up)");
      ok(anew && anew.value[0] > time);
    });
  });
}
