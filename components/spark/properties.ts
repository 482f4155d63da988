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

/** A list, to which each of those that name it adds. */
const EXTENSIONS = "spark.sql.extensions";

/** Properties of several; of two values the last counts. */
export function merged(...all: SparkProperties[]): SparkProperties {
  const extensions = all.flatMap(({ [EXTENSIONS]: names }) => names ?? []);
  return Object.assign({}, ...all, extensions.length > 0 && { [EXTENSIONS]: extensions.join() });
}
