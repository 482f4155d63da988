import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { NETWORK } from "../../../components/facts";
import { swarmImages } from "../../../components/images/images";
import { Monitoring } from "../../../components/monitoring/monitoring";
import { Swarm } from "../../../components/swarm/swarm";
import { parseSettings } from "../../../program/settings/settings";
import { documentOf, fakeHosts, inPreviewAndUpdate, run, UNKNOWN } from "./mocks";

const IMAGE = join(__dirname, "../../../images/monitoring");
const textOf = (file: string) => readFileSync(join(IMAGE, file), "utf8");

inPreviewAndUpdate((preview) => {
  describe("Monitoring", () => {
    const monitoring = () =>
      run(preview, () => {
        const swarm = new Swarm("swarm", { hosts: fakeHosts(1) });
        new Monitoring("monitoring", { swarm, image: "monitoring:1" });
      });

    it("is Prometheus on the manager, with a volume and limited retention", async () => {
      const { find } = await monitoring();
      const deploy = find("monitoring-deploy");
      if (preview) return assert.equal(deploy.inputs.stdin, UNKNOWN);
      const document = documentOf(deploy);
      const { prometheus } = document.services;
      assert.deepEqual(prometheus?.networks, { [NETWORK]: { aliases: ["monitoring"] } });
      assert.deepEqual(prometheus.deploy.placement.constraints, ["node.role == manager"]);
      const [volume] = prometheus.volumes ?? [];
      assert.deepEqual(Object.keys(document.volumes ?? {}), [volume?.source]);
      assert.ok(prometheus.command?.includes(`--storage.tsdb.path=${volume?.target}`));
      assert.match(
        prometheus.command?.join(" ") ?? "",
        /retention\.time=30d .*retention\.size=1GB/,
      );
    });

    it("is an exporter on every host, which may read only what it reports", async () => {
      const { find } = await monitoring();
      if (preview) return;
      const { exporter } = documentOf(find("monitoring-deploy")).services;
      assert.equal(exporter?.hostname, "{{.Node.Hostname}}");
      assert.equal(exporter.deploy.mode, "global");
      assert.deepEqual(exporter.deploy.placement.constraints, []);
      assert.equal(exporter.ports, undefined, "nothing is published");
      for (const { type, read_only: readOnly, target } of exporter.volumes ?? []) {
        assert.equal(type, "bind");
        assert.equal(readOnly, true, target);
      }
    });
  });
});

describe("the image for monitoring", () => {
  it("exists if it is enabled", () => {
    assert.equal(swarmImages(parseSettings({})).monitoring, undefined);
    const { monitoring } = swarmImages(parseSettings({ monitoring: "true" }));
    assert.match(monitoring?.reference ?? "", /^manager:5000\/monitoring:[0-9a-f]{12}$/);
  });

  it("uses the services' names, and shows the metrics of its rules", () => {
    const { scrape_configs: jobs } = parse(textOf("prometheus.yml")) as {
      scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    assert.deepEqual(
      jobs.map(({ dns_sd_configs: [found] }) => `${found?.names} ${found?.port}`),
      ["host-exporter 9100", "master 8080", "worker 8081", "driver 4040"],
    );
    const { groups } = parse(textOf("rules.yml")) as { groups: { rules: { record: string }[] }[] };
    const made = groups.flatMap(({ rules }) => rules.map(({ record }) => record));
    const shown = textOf("cluster.html").match(/\bhost:\w+:\w+/g) ?? [];
    assert.ok(shown.length > 5);
    for (const figure of shown) assert.ok(made.includes(figure), figure);
  });
});

describe("images/monitoring/exporter.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "exporter-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The metrics that it adds for a host, by name. */
  function figures(id: string, files: Record<string, string>): Record<string, number> {
    const all = { "host/instance-id": `${id}\n`, ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    // Replaces the exporter: waits for the metrics while the process that writes them runs.
    const exporter = `prometheus-node-exporter() {
      while jobs %1 >/dev/null 2>&1 && [[ ! -f ${folder}/figures/limits.prom ]]; do sleep 0.05; done
      cat ${folder}/figures/limits.prom 2>/dev/null
      kill %1 2>/dev/null
    }`;
    const script = textOf("exporter.sh")
      .replaceAll("/host/", `${folder}/host/`)
      .replaceAll("/tmp/figures", `${folder}/figures`)
      // The test waits for the loop's last pause, so that must be short.
      .replace("sleep 5", "sleep 0.1")
      .replace("exec prometheus-node-exporter", `${exporter}\nprometheus-node-exporter`);
    const { stdout, stderr } = spawnSync("bash", ["-c", script], {
      encoding: "utf8",
      timeout: 90_000,
    });
    assert.equal(stderr, "");
    const lines = stdout.split("\n").filter(Boolean);
    return Object.fromEntries(
      lines.map((line) => {
        const [name = "", value] = line.split(" ");
        return [name, Number(value)];
      }),
    );
  }
  const expected = {
    host_limit_cpus: 1.5,
    host_limit_cpu_used_seconds_total: 12.5,
    host_limit_memory_bytes: 2147483648,
    host_limit_memory_used_bytes: 700_000_000,
  };

  it("reports the limits of a host that is a container, with cgroup v1", () => {
    const id = "a".repeat(64);
    assert.deepEqual(
      figures(id, {
        [`host/cgroup/cpu/docker/${id}/cpu.cfs_quota_us`]: "150000\n",
        [`host/cgroup/cpu/docker/${id}/cpu.cfs_period_us`]: "100000\n",
        [`host/cgroup/cpuacct/docker/${id}/cpuacct.usage`]: "12500000000\n",
        [`host/cgroup/memory/docker/${id}/memory.limit_in_bytes`]: "2147483648\n",
        [`host/cgroup/memory/docker/${id}/memory.usage_in_bytes`]: "1000000000\n",
        [`host/cgroup/memory/docker/${id}/memory.stat`]:
          "inactive_file 1\ntotal_inactive_file 300000000\n",
      }),
      expected,
    );
  });

  it("reports them with cgroup v2", () => {
    const id = "b".repeat(64);
    const group = `host/cgroup/system.slice/docker-${id}.scope`;
    assert.deepEqual(
      figures(id, {
        "host/cgroup/cgroup.controllers": "cpu memory\n",
        [`${group}/cpu.max`]: "150000 100000\n",
        [`${group}/cpu.stat`]: "usage_usec 12500000\nuser_usec 1\n",
        [`${group}/memory.max`]: "2147483648\n",
        [`${group}/memory.current`]: "1000000000\n",
        [`${group}/memory.stat`]: "file 5\ninactive_file 300000000\n",
      }),
      expected,
    );
  });

  it("adds nothing if the host is a machine", () => {
    const files = { "host/cgroup/cgroup.controllers": "cpu memory\n" };
    assert.deepEqual(figures("i-0123456789abcdef0", files), {});
  });
});
