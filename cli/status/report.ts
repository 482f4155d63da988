import type { Cluster } from "../../program/outputs";
import { tooLarge } from "../jobs/waiting";
import { bytes, counted } from "../terminal/units";
import { type Disk, diskOf } from "./disks";
import type { Facts } from "./facts";

/** Each host's answer: its disks, or why it did not answer. */
export type HostAnswers = Map<string, Disk[] | Error>;

/** The state of a cluster, as `status --json` prints it. Memory in MiB, disks in bytes. */
export interface Report {
  stack: string;
  cloud: string;
  healthy: boolean;
  /** What is wrong, in plain words; empty when healthy. */
  problems: string[];
  hosts: {
    name: string;
    address: string;
    /** The node's state in the Swarm: ready, down, missing, or unknown if the manager does not answer. */
    node: string;
    /** Whether it answers over SSH. */
    answers: boolean;
    disks: Disk[];
  }[];
  services: { name: string; running: number; desired: number; error?: string }[];
  workers: {
    host: string;
    address: string;
    state: string;
    cores: number;
    coresUsed: number;
    memory: number;
    memoryUsed: number;
    /** How many of its processes the kernel has killed for lack of memory since it started. */
    oomKills: number;
  }[];
  /** An application's share by default; `executor` is the one on each worker. Memory in MB. */
  allocation: { mode: "shared" | "maximize"; executor?: { cpus: number; memory: number } };
  /** The Pulumi plugins that stand-ins replaced at the last update. */
  standIns: string[];
  applications: {
    id: string;
    name: string;
    state: string;
    cores: number;
    milliseconds: number;
    /** Why it will never get an executor, if that is the case. */
    hint?: string;
  }[];
  drivers: { id: string; title: string; started: string }[];
  /** Missing if the cluster has none, or it does not answer. In bytes, and blocks with too few copies. */
  store?: { used: number; free: number; hosts: number; underReplicated: number; missing: number };
  /** Missing if the cluster has none, or its manager does not answer. */
  lifetime?: {
    /** When its time is up, ISO 8601. */
    ends: string | null;
    /** After how many seconds without use it ends. */
    idleLimit: number | null;
    idleFor: number;
    /** Whether its end has begun. */
    ending: boolean;
    /** Where /data/keep is copied first; missing if nowhere. */
    archive?: string;
    /** What is deleted with it: files that exist only in the store. In bytes. */
    loses: { place: string; files: number; size: number }[];
  };
}

/** What is copied to storage.archive at a cluster's end. */
const KEPT = "/data/keep";

/** Less free space than this is a problem: Spark's shuffle files fill a disk in seconds. */
const littleRoom = 1024 ** 3;

/**
 * Combines the answers of Swarm, Spark and the hosts.
 *
 * @param facts undefined if the manager did not answer
 * @param kills see {@link oomKills}
 */
export function report(
  cluster: Cluster,
  facts: Facts | undefined,
  answers: HostAnswers,
  kills = new Map<string, number>(),
): Report {
  const problems: string[] = [];
  const hosts = hostReports(cluster, facts, answers, problems);
  const services = serviceReports(facts, problems);
  const workers = workerReports(cluster, facts, kills, problems);
  const store = storeReport(cluster, facts, problems);
  const lifetime = lifetimeReport(facts, problems);
  const spark = facts?.spark[0];
  return {
    stack: cluster.stack,
    cloud: cluster.cloud,
    healthy: problems.length === 0,
    problems,
    hosts,
    services,
    workers,
    allocation: { mode: cluster.allocation.mode, executor: cluster.allocation.executor },
    standIns: cluster.standIns,
    applications:
      spark?.activeapps.map((application) => {
        const { id, name, state, cores, duration } = application;
        const alive = spark.workers.filter((worker) => worker.state === "ALIVE");
        const hint = cores === 0 ? tooLarge(application, alive) : undefined;
        return { id, name, state, cores, milliseconds: duration, ...(hint && { hint }) };
      }) ?? [],
    drivers: facts?.driver.map(({ id, title, started }) => ({ id, title, started })) ?? [],
    store,
    lifetime,
  };
}

function storeReport(
  { storage, workers }: Cluster,
  facts: Facts | undefined,
  problems: string[],
): Report["store"] {
  if (!facts || storage === "none") return undefined;
  const [bean] = facts.store[0]?.beans ?? [];
  const missing = facts.missing[0]?.beans[0].NumberOfMissingBlocks;
  if (!bean || missing === undefined) {
    problems.push("The store does not answer: jobs wait for it, or fail.");
    return undefined;
  }
  const { NumLiveDataNodes: hosts, CapacityRemaining: free } = bean;
  if (missing > 0) {
    problems.push(
      `The store is missing ${counted(missing, "block")}: their hosts are gone, or not back yet.`,
    );
  }
  if (hosts < workers.length) {
    problems.push(`The store has ${hosts} of ${counted(workers.length, "host")}.`);
  }
  if (free < littleRoom) {
    problems.push(
      `The store has ${bytes(free)} left: remove files (\`spark-swarm rm\`), or add workers or larger disks.`,
    );
  }
  return {
    used: bean.CapacityUsed,
    free,
    hosts,
    underReplicated: bean.UnderReplicatedBlocks,
    missing,
  };
}

function hostReports(
  { manager, workers }: Cluster,
  facts: Facts | undefined,
  answers: HostAnswers,
  problems: string[],
): Report["hosts"] {
  const nodeOf = (id?: string) =>
    facts?.node.find(({ labels, role }) => (id ? labels?.instance === id : role === "manager"));
  const expected = [{ ...manager, id: undefined }, ...workers];
  const known = new Set(expected.map(({ id }) => nodeOf(id)?.id));
  for (const node of facts?.node ?? []) {
    if (!known.has(node.id)) {
      problems.push(
        `Node ${node.hostname} (${node.state}) belongs to no host of the stack: \`pulumi up\` removes it.`,
      );
    }
  }
  return expected.map(({ name, privateAddress, id }) => {
    const node = nodeOf(id);
    const answer = answers.get(name);
    const answered = Array.isArray(answer);
    const state = !facts ? "unknown" : !node ? "missing" : nodeState(node);
    const replace = "`pulumi up --refresh` replaces it";
    if (state === "unknown") {
      // The others cannot be asked.
      if (name === manager.name) {
        problems.push(
          `Host ${name} does not answer, so the state of the other hosts is unknown. If it is lost, running programs, Spark's event logs and the cluster's store are lost too. \`pulumi up\` replaces it, or explains how.`,
        );
      }
    } else if (answer instanceof Error && state !== "ready") {
      const opinion =
        state === "missing" ? "it is not a node of the Swarm" : `its node is ${state}`;
      problems.push(`Host ${name} does not answer and ${opinion}: ${replace}.`);
    } else if (answer instanceof Error) {
      problems.push(`Host ${name} does not answer over SSH: ${answer.message}`);
    } else if (state !== "ready") {
      const others: Record<string, string> = {
        missing: `is not a node of the Swarm: it should join by itself, otherwise ${replace}`,
        pause: "is paused and gets no work: `pulumi up` activates it",
      };
      problems.push(`Host ${name} answers but ${others[state] ?? `its node is ${state}`}.`);
    }
    const disks = answered ? answer : [];
    const tight = disks.filter(({ free }) => free < littleRoom);
    if (tight.length > 0) {
      problems.push(
        `Host ${name} has less than 1 GB left on ${tight.map(({ mount }) => mount).join(", ")}.`,
      );
    }
    return { name, address: privateAddress, node: state, answers: answered, disks };
  });
}

function nodeState({ state, availability }: Facts["node"][number]): string {
  return state === "ready" && availability !== "active" ? availability : state;
}

function serviceReports(facts: Facts | undefined, problems: string[]): Report["services"] {
  if (!facts) return [];
  for (const name of ["spark_master", "spark_worker", "spark_history"]) {
    if (!facts.service.some((service) => service.name === name)) {
      problems.push(`Service ${name} is missing: \`pulumi up\` brings it back.`);
    }
  }
  return facts.service.map(({ name, replicas }) => {
    const [running = 0, desired = 0] = replicas.split(/[/ ]/).map(Number);
    const missing = running < desired;
    const error = missing ? lastError(name, facts.task) : undefined;
    if (missing) {
      problems.push(
        `Service ${name} runs ${running} of ${desired} tasks${error ? `: ${error}` : "."}`,
      );
    }
    return { name, running, desired, ...(error && { error }) };
  });
}

/** Tasks are listed newest first within their slot. */
function lastError(service: string, tasks: Facts["task"]): string | undefined {
  const task = tasks.find(({ name, error }) => name.startsWith(`${service}.`) && error !== "");
  // Docker puts quotation marks around it.
  return task && `${task.error.replace(/^"(.*)"$/, "$1")} (on ${task.node || "no node"})`;
}

function workerReports(
  cluster: Cluster,
  facts: Facts | undefined,
  kills: Map<string, number>,
  problems: string[],
): Report["workers"] {
  if (!facts) return [];
  const spark = facts.spark[0];
  if (!spark) {
    problems.push("Spark's master does not answer.");
    return [];
  }
  const alive = spark.workers.filter(({ state }) => state === "ALIVE");
  if (alive.length < cluster.workers.length) {
    problems.push(`Spark has ${alive.length} of ${cluster.workers.length} workers.`);
  }
  return spark.workers
    .filter(({ state }) => state !== "DEAD")
    .map((worker) => ({ worker, host: hostAt(worker.host, cluster, facts) ?? worker.host }))
    .map(({ worker, host }) => ({
      host,
      address: worker.host,
      state: worker.state,
      cores: worker.cores,
      coresUsed: worker.coresused,
      memory: worker.memory,
      memoryUsed: worker.memoryused,
      oomKills: kills.get(host) ?? 0,
    }))
    .sort((a, b) => a.host.localeCompare(b.host, "en", { numeric: true }));
}

/** The host that an overlay address is on. */
export function hostAt(address: string, { workers }: Cluster, facts: Facts): string | undefined {
  const at = facts.address.find(({ addresses }) =>
    addresses.some((one) => one.split("/")[0] === address),
  );
  const node = facts.node.find(({ id }) => id === at?.node);
  return workers.find(({ id }) => id === node?.labels?.instance)?.name;
}

function lifetimeReport(facts: Facts | undefined, problems: string[]): Report["lifetime"] {
  const [found] = facts?.lifetime ?? [];
  if (!facts || !found) return undefined;
  const { ends, idleLimit, idleFor, ending, archive, archiveError } = found;
  if (archiveError) {
    problems.push(
      `The cluster keeps running, and costs money, because /data/keep cannot be copied to ${archive}: ${archiveError}`,
    );
  }
  if (facts.unlisted.length > 0) {
    problems.push(
      "The files that will be deleted with the cluster could not be listed. `npx spark-swarm du /data` shows them, or why they cannot be read.",
    );
  }
  const kept = ({ place }: { place: string }) => archive !== "" && place === KEPT;
  return {
    ends: ends === null ? null : new Date(ends * 1000).toISOString(),
    ...{ idleLimit, idleFor, ending, ...(archive && { archive }) },
    loses: facts.unsaved.filter((one) => !kept(one)),
  };
}

/** The free space for a host's data and Spark's files: the smallest of their disks. */
export function leastRoom(disks: Disk[]): Disk | undefined {
  return ["/data", "/var/lib/spark", "/var/lib/docker"]
    .map((path) => diskOf(path, disks))
    .filter((disk) => disk !== undefined)
    .sort((a, b) => a.free - b.free)[0];
}
