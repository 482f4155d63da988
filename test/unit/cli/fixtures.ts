import type { Cluster } from "../../../program/outputs";

const hostKey = (letter: string) => `ssh-ed25519 AAAA${letter}`;

/** A cluster of one manager and two workers. */
export const cluster: Cluster = {
  stack: "dev",
  cloud: "local",
  since: "2026-11-21T12:00:00.000Z",
  manager: {
    name: "manager",
    address: "127.0.0.1",
    port: 32775,
    user: "root",
    hostKey: hostKey("M"),
    privateAddress: "172.18.0.2",
  },
  workers: [0, 1].map((index) => ({
    name: `worker-${index}`,
    id: `id-${index}`,
    privateAddress: `172.18.0.${index + 3}`,
    user: "root",
    hostKey: hostKey(`W${index}`),
  })),
  bastion: { address: "127.0.0.1", port: 32776, user: "tunnel", hostKey: hostKey("B") },
  image: "spark-swarm/spark:abc",
  network: "spark",
  overlayPrefix: "10.201.",
  allocation: { mode: "shared", properties: {} },
  storage: "none",
  standIns: [],
};

const json = (kind: string, value: object) => `${kind} ${JSON.stringify(value)}`;

/** What the manager of {@link cluster} prints when all is well, a fact a line. */
export function factLines(): string[] {
  const node = (id: string, role: string, instance: string) =>
    json("node", {
      id,
      hostname: id,
      role,
      labels: { instance, role },
      availability: "active",
      state: "ready",
    });
  const worker = (host: string) => ({
    ...{ id: `worker-${host}`, host, state: "ALIVE" },
    ...{ cores: 2, coresused: 1, memory: 4096, memoryused: 1024 },
  });
  return [
    node("node-m", "manager", "id-m"),
    node("node-0", "worker", "id-0"),
    node("node-1", "worker", "id-1"),
    json("service", { name: "spark_master", mode: "replicated", replicas: "1/1" }),
    json("service", { name: "spark_worker", mode: "global", replicas: "2/2" }),
    json("service", { name: "spark_history", mode: "replicated", replicas: "1/1" }),
    json("service", { name: "bastion_sshd", mode: "replicated", replicas: "1/1" }),
    json("address", { node: "node-0", addresses: ["10.201.0.5/16"] }),
    json("address", { node: "node-1", addresses: ["10.201.0.6/16"] }),
    json("driver", {
      id: "20261121-120000-abcd",
      title: "pi.py",
      addresses: ["10.201.0.9", null],
      started: "2026-11-21T12:00:00.123456789Z",
    }),
    json("spark", {
      workers: [worker("10.201.0.6"), worker("10.201.0.5")],
      activeapps: [
        {
          ...{ id: "app-1", name: "pi", cores: 2, memoryperexecutor: 1024 },
          ...{ state: "RUNNING", duration: 65_000 },
        },
      ],
    }),
  ];
}
