import type { SparkProperties } from "./properties";

/**
 * Spark's properties for event logs in a folder of a bucket (spark.apache.org/docs/3.5.9/monitoring.html). A file
 * appears in S3 only when it is closed, so a long application starts a new file from time to time, at the smallest size
 * that Spark allows. Old logs are left to the bucket, since other clusters may use them too.
 */
export function eventLogDefaults(folder: string): SparkProperties {
  return {
    "spark.eventLog.dir": folder,
    "spark.history.fs.logDirectory": folder,
    "spark.history.fs.cleaner.enabled": "false",
    "spark.eventLog.rolling.enabled": "true",
    "spark.eventLog.rolling.maxFileSize": "10m",
  };
}
