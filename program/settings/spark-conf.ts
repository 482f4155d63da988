import { z } from "zod";
import { ownProperty } from "../../components/spark/own-properties";

const WHOLE =
  "use the whole name of a property, beginning with `spark.`, as one key: pulumi config set --path 'spark.conf[\"spark.sql.shuffle.partitions\"]' 8";
const CONF = `an object of Spark properties; ${WHOLE}`;
const VALUE = `a text of one line, a number, true or false; ${WHOLE}`;

/** Properties that have their own setting, with its name. */
const SETTINGS: Record<string, string> = {
  "spark.eventLog.dir": "spark.eventLog",
  "spark.jars.packages": "spark.packages",
  "spark.sql.sources.default": "spark.tables",
  "spark.sql.warehouse.dir": "spark.warehouse",
  "spark.hadoop.dfs.replication": "storage.replication",
  "spark.hadoop.fs.s3a.endpoint": "s3.endpoint",
  "spark.hadoop.fs.s3a.endpoint.region": "s3.region",
  "spark.hadoop.fs.s3a.access.key": "s3.accessKey",
  "spark.hadoop.fs.s3a.secret.key": "s3.secretKey",
  "spark.hadoop.fs.s3a.session.token": "s3.sessionToken",
  "spark.hadoop.fs.s3a.path.style.access": "s3.pathStyle",
};

/** Properties that `spark.allocation: maximize` sets from the hosts' sizes, in components/spark/allocation.ts. */
const ALLOCATED = [
  "spark.executor.cores",
  "spark.executor.memory",
  "spark.driver.memory",
  "spark.default.parallelism",
];

/** What a property must be instead, if it must not be set here. */
function refusal(name: string): string | undefined {
  if (!/^spark(\.[\w*-]+)+$/.test(name)) return `left out: ${WHOLE}`;
  const setting = /^spark\.sql\.catalog\.spark_catalog(\.|$)/.test(name)
    ? "spark.tables"
    : SETTINGS[name];
  if (setting) return `left out: use the setting ${setting}`;
  const why = ownProperty(name);
  return why && `left out: the cluster sets it, because ${why}`;
}

/** Any other properties of Spark, for every driver, as text. */
export const sparkConf = z
  .record(
    z.string(),
    z
      .union([z.string().regex(/^.*$/, VALUE), z.number(), z.boolean()], VALUE)
      .transform((value) => `${value}`),
    CONF,
  )
  .superRefine((conf, { addIssue }) => {
    for (const name of Object.keys(conf)) {
      const message = refusal(name);
      if (message) addIssue({ code: "custom", path: [name], message });
    }
  })
  .default({});

/** The first of these properties that `spark.allocation: maximize` sets too, and what it must be instead. */
export function allocatedTwice(conf: Record<string, string>) {
  const name = ALLOCATED.find((allocated) => allocated in conf);
  if (name === undefined) return undefined;
  const message =
    "left out, unless spark.allocation is shared: with maximize, the cluster computes it from its hosts";
  return { path: ["spark", "conf", name], message };
}
