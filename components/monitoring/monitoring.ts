import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { NETWORK } from "../facts";
import type { Swarm } from "../swarm/swarm";
import type { ComposeService } from "../swarm-stack/compose";
import { SwarmStack } from "../swarm-stack/swarm-stack";

/** What the exporter reads of its host, and where images/monitoring/exporter.sh expects it. */
const READ = {
  "/proc/stat": "/host/proc/stat",
  "/proc/meminfo": "/host/proc/meminfo",
  "/proc/diskstats": "/host/proc/diskstats",
  // The view of a process on the host's network.
  "/proc/1/net/dev": "/host/proc/net/dev",
  "/sys/fs/cgroup": "/host/cgroup",
  "/var/lib/cloud/data/instance-id": "/host/instance-id",
  // The disk space for Spark's files and for data.
  "/var/lib/spark": "/var/lib/spark",
  "/data": "/data",
};

/**
 * Metrics of all hosts and of Spark over time, by Prometheus on the manager, at
 * http://monitoring:9090/consoles/cluster.html on the overlay. They outlive a restart of Prometheus, but not the
 * manager.
 */
export class Monitoring extends ComponentResource {
  constructor(
    name: string,
    args: { swarm: Swarm; image: string },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:monitoring:Monitoring", name, {}, opts);
    const { swarm, image } = args;
    new SwarmStack(
      name,
      {
        swarm,
        stackName: "monitoring",
        compose: {
          version: "3.8",
          services: { prometheus: prometheus(image), exporter: exporter(image) },
          networks: { [NETWORK]: { external: true, name: NETWORK } },
          volumes: { data: {} },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function prometheus(image: string): ComposeService {
  return {
    image,
    command: [
      "prometheus",
      "--config.file=/etc/prometheus/prometheus.yml",
      "--web.external-url=http://monitoring:9090/",
      "--storage.tsdb.path=/var/lib/prometheus/metrics2",
      // Whichever limit is reached first.
      "--storage.tsdb.retention.time=30d",
      "--storage.tsdb.retention.size=1GB",
    ],
    networks: { [NETWORK]: { aliases: ["monitoring"] } },
    volumes: [{ type: "volume", source: "data", target: "/var/lib/prometheus/metrics2" }],
    deploy: {
      endpoint_mode: "dnsrr",
      placement: { constraints: ["node.role == manager"] },
      resources: { limits: { memory: "512M" }, reservations: { memory: "128M" } },
    },
  };
}

function exporter(image: string): ComposeService {
  return {
    image,
    command: ["bash", "/usr/local/bin/host-exporter"],
    // Swarm fills this in: the name in the host's metrics.
    hostname: "{{.Node.Hostname}}",
    networks: { [NETWORK]: { aliases: ["host-exporter"] } },
    volumes: Object.entries(READ).map(([source, target]) => ({
      type: "bind",
      source,
      target,
      read_only: true,
    })),
    deploy: {
      mode: "global",
      endpoint_mode: "dnsrr",
      placement: { constraints: [] },
      resources: { limits: { memory: "64M" }, reservations: { memory: "16M" } },
    },
  };
}
