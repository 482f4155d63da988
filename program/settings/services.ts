import { resolve } from "node:path";
import { z } from "zod";
import { TABLE_FORMATS } from "../../components/spark/tables";
import { isLivyArchive } from "./livy-archive";
import { packageIndex, pythonPackages } from "./python-packages";
import { allocatedTwice, sparkConf } from "./spark-conf";
import { numeric, word } from "./values";

const PACKAGE =
  "the Maven coordinates of a library, such as org.apache.spark:spark-avro_2.12:3.5.9";
const ALLOCATION = "one of: shared, maximize";
const TABLES = "one of: parquet, iceberg, delta";
const TABLES_NEED_STORAGE = "parquet, unless storage is hdfs, whose metastore keeps the tables";
const NOTEBOOK = "true, false, or an object such as {cores: 2, memory: 1024}";

const EVENT_LOG = "a folder in a bucket, such as s3a://my-bucket/spark-events";
const WAREHOUSE = "a folder in a bucket, such as s3a://my-bucket/tables";
const FOLDER = /^s3a?:\/\/[a-z0-9][a-z0-9.-]+(\/[\w.=-]+)+$/;
const NEEDS_S3 = "left out, unless s3 is set: the service and keys for the bucket";
const NEEDS_LIFETIME =
  "left out, unless lifetime has a ttl or idle: /data/keep is copied there when the lifetime ends the cluster";
const NEEDS_STORAGE = "left out, unless storage is hdfs, whose metastore keeps the tables";

const spark = z
  .strictObject(
    {
      /** Where event logs are. By default on the manager; they are then deleted with it. */
      eventLog: word(EVENT_LOG, FOLDER).optional(),
      /** Where the data of new tables are. By default in the cluster's store. */
      warehouse: word(WAREHOUSE, FOLDER).optional(),
      packages: z
        .array(
          word(PACKAGE, /^[\w.-]+:[\w.-]+:[\w.-]+$/),
          "a list of Maven coordinates such as [org.apache.spark:spark-avro_2.12:3.5.9]",
        )
        .default([]),
      pip: pythonPackages,
      pipIndex: packageIndex,
      allocation: z.enum(["shared", "maximize"], ALLOCATION).default("shared"),
      /** The format of tables that name none. */
      tables: z.enum(TABLE_FORMATS, TABLES).default("parquet"),
      /** Any other properties of Spark, for every driver. */
      conf: sparkConf,
    },
    "an object such as {packages: [org.apache.spark:spark-avro_2.12:3.5.9], allocation: maximize}",
  )
  .prefault({});

/** The share of the cluster for a driver that a service starts for its users. */
function share(driver: string) {
  const CORES = `a whole number above 0: the maximum number of the cluster's cores for ${driver}`;
  const MEMORY = `a whole number of MB, 512 or more: the memory of each executor of ${driver}`;
  return {
    /** By default a third of the cluster's cores when the driver starts. */
    cores: numeric(z.number(CORES).int(CORES).positive(CORES)).optional(),
    memory: numeric(z.number(MEMORY).int(MEMORY).min(512, MEMORY)).default(1024),
  };
}

const notebookObject = z.strictObject(share("a notebook"), NOTEBOOK);
const notebook = z
  .union([z.boolean(), notebookObject], NOTEBOOK)
  .default(false)
  .transform((given) => (given === true ? notebookObject.parse({}) : given));

const S3 =
  "an object such as {region: us-east-1} or {endpoint: https://nyc3.digitaloceanspaces.com}";
const ENDPOINT = "the address of an S3 service, such as https://nyc3.digitaloceanspaces.com";
const KEY = "the text of a key";
const key = z.string(KEY).regex(/^\S+$/, KEY);
const BUCKET = "the name of an S3 bucket";
export const buckets = z
  .array(
    z.string(BUCKET).regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, BUCKET),
    "a list of S3 buckets such as [my-data]",
  )
  .default([]);
const s3 = z
  .strictObject(
    {
      /** By default AWS's endpoint of the region. */
      endpoint: z
        .string(ENDPOINT)
        .regex(/^https?:\/\/[\w.:-]+\/?$/, ENDPOINT)
        .optional(),
      region: word("a region, such as us-east-1").default("us-east-1"),
      /** By default the credentials of the hosts' instance profile, on AWS. */
      accessKey: key.optional(),
      secretKey: key.optional(),
      /** The session token of temporary keys. */
      sessionToken: key.optional(),
      /** Read without keys, even if keys are set: those may have no permission for public buckets. */
      publicBuckets: buckets,
      /** Buckets in the path instead of the host name, as most services other than AWS need. */
      pathStyle: z.boolean("true or false").default(false),
    },
    S3,
  )
  .refine(({ accessKey, secretKey }) => !accessKey === !secretKey, {
    message: "given with both accessKey and secretKey, or with neither",
  })
  .refine(({ accessKey, sessionToken }) => !sessionToken || accessKey, {
    path: ["sessionToken"],
    message: "left out, or given with its accessKey and secretKey",
  })
  .optional();

const STORAGE = "hdfs, none, or an object such as {replication: 2, reserved: 5}";
const REPLICATION = "a whole number from 1 to 5: how many hosts have each block";
const RESERVED =
  "a whole number of GB from 0 to 10000: the space to keep free on each worker's disk, for shuffle files and the system";
const STORE_ARCHIVE = "a folder in a bucket, such as s3a://my-bucket/kept";
const storageObject = z.strictObject(
  {
    replication: numeric(
      z.number(REPLICATION).int(REPLICATION).min(1, REPLICATION).max(5, REPLICATION),
    ).default(2),
    reserved: numeric(
      z.number(RESERVED).int(RESERVED).min(0, RESERVED).max(10_000, RESERVED),
    ).default(5),
    /** Where /data/keep is copied when the cluster's lifetime ends. By default it is not copied. */
    archive: word(STORE_ARCHIVE, FOLDER).optional(),
  },
  STORAGE,
);
/** Storage on the cluster's hosts. */
const storage = z
  .union([z.enum(["hdfs", "none"], STORAGE), storageObject], STORAGE)
  .default("hdfs")
  .transform((given) => {
    if (given === "none") return false as const;
    return given === "hdfs" ? storageObject.parse({}) : given;
  });

const SQL = "true, false, or an object such as {cores: 2, memory: 1024}";
const sqlObject = z.strictObject(share("the SQL server"), SQL);
const sql = z
  .union([z.boolean(), sqlObject], SQL)
  .default(false)
  .transform((given) => (given === true ? sqlObject.parse({}) : given));
const STORAGE_FOR_SQL =
  "hdfs, or sql must be left out: the SQL server keeps its tables in the cluster's store";

const connect = z.boolean("true or false").default(false);
const monitoring = z.boolean("true or false").default(false);

const ARCHIVE =
  "the path of Apache Livy's archive for Scala 2.12 (apache-livy-0.9.0-incubating_2.12-bin.zip), relative to the folder of Pulumi.yaml";
const LIVY =
  "true, false, or an object such as {cores: 2, memory: 1024, archive: apache-livy-0.9.0-incubating_2.12-bin.zip}";
const livyObject = z.strictObject(
  {
    ...share("a session"),
    /** By default Apache's release. */
    archive: z
      .string(ARCHIVE)
      .transform((path) => resolve(path))
      .refine(isLivyArchive, ARCHIVE)
      .optional(),
  },
  LIVY,
);
const livy = z
  .union([z.boolean(), livyObject], LIVY)
  .default(false)
  .transform((given) => (given === true ? livyObject.parse({}) : given));

/** The services of a cluster: the same on every cloud. */
export const services = { spark, notebook, connect, sql, livy, s3, monitoring, storage };

/** Additional settings of some clouds' clusters. */
interface Mortal {
  lifetime?: { ttl?: number; idle?: number };
}

interface Problem {
  path: string[];
  message: string;
}

const S3_NEEDS_KEYS: Problem = {
  path: ["s3", "accessKey"],
  message:
    "given together with s3.secretKey: only AWS hosts can use a role instead of keys, and only s3.publicBuckets need no keys",
};

/**
 * Reports services that need others which are not enabled.
 *
 * @param withoutKeys the problem with an s3 without keys and public buckets; on most clouds the lack of keys
 */
export function needs<Given = object>(
  withoutKeys: (given: Given) => Problem | undefined = () => S3_NEEDS_KEYS,
) {
  return (given: Given & Partial<Services> & Mortal, { addIssue }: z.RefinementCtx): void => {
    const { spark, s3, sql, storage, lifetime } = given;
    if (sql && !storage) {
      addIssue({ code: "custom", path: ["storage"], message: STORAGE_FOR_SQL });
    }
    const { eventLog, warehouse, tables } = spark ?? {};
    const named = tables === "iceberg" || tables === "delta";
    const archived = storage !== undefined && storage !== false && storage.archive !== undefined;
    const ends = lifetime?.ttl !== undefined || lifetime?.idle !== undefined;
    const missing: [path: string[], isMissing: boolean, message: string][] = [
      [["spark", "eventLog"], eventLog !== undefined && !s3, NEEDS_S3],
      [["spark", "warehouse"], warehouse !== undefined && !s3, NEEDS_S3],
      [["spark", "warehouse"], warehouse !== undefined && !storage, NEEDS_STORAGE],
      [["spark", "tables"], named && !storage, TABLES_NEED_STORAGE],
      [["storage", "archive"], archived && !s3, NEEDS_S3],
      [["storage", "archive"], archived && !ends, NEEDS_LIFETIME],
    ];
    for (const [path, isMissing, message] of missing) {
      if (isMissing) addIssue({ code: "custom", path, message });
    }
    const twice = spark?.allocation === "maximize" && allocatedTwice(spark.conf);
    if (twice) addIssue({ code: "custom", ...twice });
    if (!s3 || s3.accessKey || s3.secretKey || s3.publicBuckets?.length) return;
    const problem = withoutKeys(given);
    if (problem) addIssue({ code: "custom", ...problem });
  };
}

/** For {@link needs}: run even after other problems, since all must be reported at once. */
export const ALWAYS = { when: () => true };

export type Services = z.infer<z.ZodObject<typeof services>>;
