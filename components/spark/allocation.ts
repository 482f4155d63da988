import type { HostSize } from "../hosts/contract";
import type { SparkProperties } from "./properties";

/** What an application gets that does not ask for anything itself. */
export interface Allocation {
  /** `shared`: Spark's own defaults. `maximize`: everything that each worker has. */
  mode: "shared" | "maximize";
  /** With `maximize`, the executor on each worker; memory in MB. */
  executor?: HostSize;
  /** For drivers. */
  properties: SparkProperties;
}

/** Memory of the manager for the system, Spark's master and its history server, in MB. */
const MANAGER_RESERVE = 1536;
/** Spark's own default, in MB. */
const LEAST_DRIVER = 1024;

/**
 * The rule of EMR's maximizeResourceAllocation: docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html.
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
 * The properties for a driver that outlives a change of the number of workers. A property that depends on that number
 * would restart the driver, and its users would lose their state in it.
 */
export function lastingProperties({ properties }: Allocation): SparkProperties {
  const { [PARALLELISM]: _, ...lasting } = properties;
  return lasting;
}

/**
 * What a worker offers, by the rule of worker() in images/spark/entrypoint.sh. An executor that asked for more would
 * never start.
 */
function executorOf({ cpus, memory }: HostSize): HostSize {
  return { cpus, memory: memory - Math.max(1024, Math.floor((memory * 15) / 100)) };
}
