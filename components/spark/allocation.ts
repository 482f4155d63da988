import type { HostSize } from "../hosts/contract";
import type { SparkProperties } from "./properties";

/** What one application gets that does not say itself what it wants. */
export interface Allocation {
  /** `shared`: as Spark has it by itself. `maximize`: everything that each worker has. */
  mode: "shared" | "maximize";
  /** With `maximize`, the one on each worker; memory in MB. */
  executor?: HostSize;
  /** For drivers. */
  properties: SparkProperties;
}

/** For the system, Spark's master and its history server, on the manager. */
const MANAGER_RESERVE = 1536;
/** Spark's own default. */
const LEAST_DRIVER = 1024;

/**
 * As EMR's maximizeResourceAllocation does it: docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html.
 * A driver gets half of what the manager has for drivers, so that two fit.
 *
 * @param workers their number
 */
export function allocationOf(
  mode: Allocation["mode"],
  sizes: { manager: HostSize; worker: HostSize },
  workers: number,
): Allocation {
  if (mode === "shared") return { mode, properties: {} };
  const executor = executorOf(sizes.worker);
  const driverMemory = Math.floor((sizes.manager.memory - MANAGER_RESERVE) / 2);
  return {
    mode,
    executor,
    properties: {
      "spark.executor.cores": `${executor.cpus}`,
      "spark.executor.memory": `${executor.memory}m`,
      "spark.driver.memory": `${Math.max(LEAST_DRIVER, driverMemory)}m`,
      [PARALLELISM]: `${2 * executor.cpus * workers}`,
    },
  };
}

const PARALLELISM = "spark.default.parallelism";

/**
 * The properties for a driver that outlives a change of the number of workers: what depends on that would have it
 * restarted, and its users would lose what they have in it.
 */
export function lastingProperties({ properties }: Allocation): SparkProperties {
  const { [PARALLELISM]: _, ...lasting } = properties;
  return lasting;
}

/**
 * What a worker offers, by the rule of worker() in images/spark/entrypoint.sh: an executor that wanted more would
 * never start.
 */
function executorOf({ cpus, memory }: HostSize): HostSize {
  return { cpus, memory: memory - Math.max(1024, Math.floor((memory * 15) / 100)) };
}
