import { mebibytes, processes } from "../terminal/units";

/** What ran out of memory: an executor's Java heap, the driver's, or a worker's host, whose kernel killed a process. */
export type Shortage = "executorHeap" | "driverHeap" | "killed";

const LOST = /Lost (?:executor|task) .*?: (.*)$/;
const HEAP = /OutOfMemoryError: (Java heap space|GC overhead limit exceeded)/;
/** Java's status after SIGKILL; the next one is that of a Spark executor whose heap was full. */
const KILLED = /exited with code 137|Python worker exited unexpectedly/;
const HEAP_STATUS = /exited with code 52\b/;
/** As Java and Py4J print the error that ended the driver's Java. */
const DRIVER = /^(?:Exception in thread "[^"]*" |: )java\.lang\.OutOfMemoryError/;

/** What a line of a driver's log shows about memory. A crash of Python may have other causes. */
export function shortageIn(line: string): Shortage | undefined {
  if (DRIVER.test(line)) return "driverHeap";
  const [, reason = ""] = LOST.exec(line) ?? [];
  if (HEAP.test(reason) || HEAP_STATUS.test(reason)) return "executorHeap";
  return KILLED.test(reason) ? "killed" : undefined;
}

/** A job's memory as far as known, in MiB. */
export interface JobMemory {
  /** Of each executor, if the job sets it. */
  executor?: string;
  /** Of the driver, likewise. */
  driver?: string;
  /** The number of processes that the kernel has killed, by worker host. */
  kills: Map<string, number>;
  /** What the largest worker offers, if the master answers. */
  largestWorker?: number;
}

/** Explains what ran out, and which setting gives more: a line each. */
export function explainShortages(shortages: Set<Shortage>, memory: JobMemory): string[] {
  const lines: string[] = [];
  const most = memory.largestWorker
    ? ` (the largest worker offers ${mebibytes(memory.largestWorker)})`
    : "";
  if (shortages.has("executorHeap")) {
    lines.push(
      `Executors ran out of memory: Java's heap was full, spark.executor.memory=${memory.executor ?? "1g"}.`,
      `Give them more with --conf spark.executor.memory=…${most}, or use more partitions.`,
    );
  }
  const kills = [...memory.kills].filter(([, count]) => count > 0);
  if (shortages.has("killed") && kills.length > 0) {
    const hosts = kills.map(([host, count]) => `${host} (${processes(count)} so far)`);
    lines.push(
      `Memory ran out on ${hosts.join(", ")}: the kernel killed executors or their Python processes.`,
      "Each host reserves 1 GiB or 15% outside spark.executor.memory, for Python functions, Java's overhead and the system.",
      "Give hosts more memory (workers.memory, or a larger size), run fewer tasks at a time with --conf spark.task.cpus=2, or use more partitions.",
    );
  }
  if (shortages.has("driverHeap")) {
    lines.push(
      `The driver ran out of memory: Java's heap was full, spark.driver.memory=${memory.driver ?? "1g"}.`,
      "Give it more with --conf spark.driver.memory=…, or collect less.",
    );
  }
  return lines;
}
