import { type SparkProperties, sparkDefaults } from "./properties";

/** Spark's properties by which a driver that waits for people gives its executors back. */
export const ELASTIC: SparkProperties = {
  "spark.dynamicAllocation.enabled": "true",
  "spark.dynamicAllocation.shuffleTracking.enabled": "true",
  "spark.dynamicAllocation.executorIdleTimeout": "60s",
  "spark.dynamicAllocation.shuffleTracking.timeout": "10min",
  "spark.dynamicAllocation.cachedExecutorIdleTimeout": "1h",
};

/** What a driver may take that somebody else starts for people. */
export interface ShareArgs {
  /** The cores of one driver's executors at the most; by default a third of the cluster's at its start. */
  cores?: number;
  /** The memory of each executor, in MB. */
  memory: number;
}

/**
 * The environment of a container that starts drivers for several people, each with its share of the cluster: what
 * images/spark/entrypoint.sh and images/spark/share read.
 */
export function shareOf({ cores, memory }: ShareArgs): Record<string, string> {
  const properties = {
    ...ELASTIC,
    "spark.executor.memory": `${memory}m`,
    // So that the cores of a driver may be on several workers.
    "spark.executor.cores": "1",
  };
  return {
    SPARK_PROPERTIES: sparkDefaults(properties),
    ...(cores && { SPARK_CORES: `${cores}` }),
  };
}
