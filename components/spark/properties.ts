/** Spark's properties by name: https://spark.apache.org/docs/3.5.9/configuration.html */
export type SparkProperties = Record<string, string>;

/**
 * Properties in the format of spark-defaults.conf. Spark's containers take them from the environment variable
 * SPARK_PROPERTIES, after those that the cluster sets (images/spark/entrypoint.sh). A program's own override both.
 */
export function sparkDefaults(properties: SparkProperties): string {
  return (
    Object.entries(properties)
      // In Java's properties format a backslash is an escape character.
      .map(([name, value]) => `${name} ${value.replaceAll("\\", "\\\\")}`)
      .join("\n")
  );
}

/** A list: all its values are joined. */
const EXTENSIONS = "spark.sql.extensions";

/** Merges properties; of two values the last counts. */
export function merged(...all: SparkProperties[]): SparkProperties {
  const extensions = all.flatMap(({ [EXTENSIONS]: names }) => names ?? []);
  return Object.assign({}, ...all, extensions.length > 0 && { [EXTENSIONS]: extensions.join() });
}
