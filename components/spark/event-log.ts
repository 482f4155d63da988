import type { SparkProperties } from "./properties";

/**
 * Spark's properties for event logs in a folder of a bucket (spark.apache.org/docs/3.5.9/monitoring.html). What is written
 * to S3 is there when its file is closed, so a long application begins a new file now and then, of the smallest size
 * that Spark allows. Old logs are the bucket's own business, since they are those of other clusters too.
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
