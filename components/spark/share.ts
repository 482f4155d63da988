import { type SparkProperties, sparkDefaults } from "./properties";

/** Spark's properties with which an idle interactive driver releases its executors. */
export const ELASTIC: SparkProperties = {
  "spark.dynamicAllocation.enabled": "true",
  "spark.dynamicAllocation.shuffleTracking.enabled": "true",
  "spark.dynamicAllocation.executorIdleTimeout": "60s",
  "spark.dynamicAllocation.shuffleTracking.timeout": "10min",
  "spark.dynamicAllocation.cachedExecutorIdleTimeout": "1h",
};

/** What a driver may take that a service starts for its users. */
export interface ShareArgs {
  /** The maximum of cores of one driver's executors; by default a third of the cluster's cores at its start. */
  cores?: number;
  /** The memory of each executor, in MB. */
  memory: number;
}

/**
 * The environment of a container that starts drivers for several users, each with its share of the cluster.
 * images/spark/entrypoint.sh and images/spark/share read it.
 */
export function shareOf({ cores, memory }: ShareArgs): Record<string, string> {
  const properties = {
    ...ELASTIC,
    "spark.executor.memory": `${memory}m`,
    // So that a driver's cores may be spread over several workers.
    "spark.executor.cores": "1",
  };
  return {
    SPARK_PROPERTIES: sparkDefaults(properties),
    ...(cores && { SPARK_CORES: `${cores}` }),
  };
}
