/** Spark's properties by name: https://spark.apache.org/docs/3.5.9/configuration.html */
export type SparkProperties = Record<string, string>;

/**
 * Properties as spark-defaults.conf has them. Containers of Spark take them in the environment variable
 * SPARK_PROPERTIES, after those that the cluster sets (images/spark/entrypoint.sh); a program's own overrule both.
 */
export function sparkDefaults(properties: SparkProperties): string {
  return (
    Object.entries(properties)
      // In the format of Java's properties a backslash changes what follows it.
      .map(([name, value]) => `${name} ${value.replaceAll("\\", "\\\\")}`)
      .join("\n")
  );
}
