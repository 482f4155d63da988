import { join } from "node:path";
import { all, ComponentResource, type ComponentResourceOptions, secret } from "@pulumi/pulumi";
import { FOLDERS, NETWORK, OVERLAY_PREFIX } from "../facts";
import type { Host } from "../hosts/contract";
import { digest } from "../images/images";
import { remoteScript } from "../script";
import { swarmSecret } from "../swarm/secret";
import type { Swarm } from "../swarm/swarm";
import type { ComposeDocument, ComposeService } from "../swarm-stack/compose";
import { SwarmStack } from "../swarm-stack/swarm-stack";
import { eventLogDefaults } from "./event-log";
import { merged, type SparkProperties, sparkDefaults } from "./properties";
import { roleMount, roleStack, roleVolumes } from "./role";
import { byRole, hadoopConfiguration, type S3Args } from "./s3";
import { externalSecrets, sparkSecrets } from "./secrets";
import { type StoreArgs, storeDefaults, storeMount, storeVolumes } from "./store";
import { type TableFormat, tableDefaults } from "./tables";

/** The secret with which all parts of Spark and its drivers authenticate. */
const SECRET = "spark_secret";

/** The master's record of workers and applications, so that a new master continues with them. */
const RECORDS = { type: "volume", source: "master", target: "/home/spark/master" } as const;

export interface SparkArgs {
  /** Where it is deployed: a {@link Swarm} of this library. */
  swarm: Swarm;
  /** The hosts that run a Spark worker each. */
  workers: Host[];
  /** The reference of its image, `spark` of {@link swarmImages}. The Swarm's hosts must have it. */
  image: string;
  /**
   * An S3 service that jobs read and write.
   *
   * @default none
   */
  s3?: S3Args;
  /**
   * A folder in a bucket for event logs, such as `s3a://bucket/events`. It needs `s3`.
   *
   * @default a folder on the manager
   */
  eventLog?: string;
  /**
   * Storage that all hosts share, and tables that outlive their application. Files in the manager's /data are copied
   * into it.
   *
   * @default none
   */
  store?: StoreArgs;
  /**
   * A folder in a bucket for the data of new tables, such as `s3a://bucket/tables`. It needs `s3` and `store`.
   *
   * @default a folder of `store`
   */
  warehouse?: string;
  /**
   * The format of tables that name none. Any but `parquet` needs `store`, and an image with its libraries.
   *
   * @default Spark's own default, `parquet`
   */
  tables?: TableFormat;
  /**
   * Any other properties of Spark, for every driver. They override those that the cluster sets, except that
   * `spark.sql.extensions` are added.
   *
   * @default none
   */
  conf?: SparkProperties;
}

/**
 * Spark in standalone mode: master and history server on the manager, a worker on every worker host. A host that joins
 * gets a worker. Created when Spark counts a worker for each host.
 *
 * @example
 * ```ts
 * import { Spark, Swarm, swarmImages } from "spark-swarm";
 * import { LocalHosts } from "spark-swarm/local";
 *
 * const images = swarmImages({
 *   spark: { packages: [], pip: [] },
 *   notebook: false,
 *   connect: false,
 *   livy: false,
 *   monitoring: false,
 * });
 * const hosts = new LocalHosts("lab", {
 *   manager: { cpus: 1, memory: 3072 },
 *   workers: { count: 2, cpus: 1, memory: 3072 },
 *   images: [images.spark],
 * });
 * const swarm = new Swarm("lab-swarm", { hosts });
 * new Spark("lab-spark", { swarm, workers: hosts.workers, image: images.spark.reference });
 * ```
 */
export class Spark extends ComponentResource {
  /** The Swarm that it runs on. */
  readonly swarm: Swarm;
  /** What its parts and their drivers find in /run/secrets: from the name there to the name in the Swarm. */
  readonly secrets: Record<string, string>;
  /** Whether they reach S3 with the credentials of their host's role, on AWS. */
  readonly usesRole: boolean;

  constructor(name: string, args: SparkArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:spark:Spark", name, {}, opts);
    const { swarm, workers, image, s3, eventLog, store, warehouse, tables, conf } = args;
    this.swarm = swarm;
    this.secrets = { [SECRET]: SECRET };
    this.usesRole = s3 !== undefined && byRole(s3);
    const made = [swarmSecret(`${name}-secret`, { swarm, secretName: SECRET }, this)];
    const configure = (file: string, purpose: string, value: string) => {
      // A secret in use cannot change, so another value has another name.
      const secretName = `${file}_${digest([value])}`;
      this.secrets[file] = secretName;
      const given = { swarm, secretName, value: secret(value) };
      made.push(swarmSecret(`${name}-${purpose}`, given, this));
    };
    const hadoop = s3 && hadoopConfiguration(s3);
    if (hadoop) configure("spark_s3", "s3", hadoop);
    if (this.usesRole) made.push(roleStack(`${name}-role`, { swarm, image }, { parent: this }));
    const properties = merged(
      store ? storeDefaults(store) : {},
      eventLog ? eventLogDefaults(eventLog) : {},
      warehouse ? { "spark.sql.warehouse.dir": warehouse } : {},
      tables && tables !== "parquet" ? tableDefaults(tables) : {},
      conf ?? {},
    );
    if (Object.keys(properties).length > 0) {
      configure("spark_defaults", "defaults", sparkDefaults(properties));
    }
    const folders = [
      { purpose: "event-log", setting: "spark.eventLog", folder: eventLog },
      { purpose: "warehouse", setting: "spark.warehouse", folder: warehouse },
      { purpose: "archive", setting: "storage.archive", folder: store?.archive },
    ];
    const before = [...made];
    for (const { purpose, setting, folder } of folders) {
      if (!hadoop || !folder) continue;
      const variables = {
        SWARM: swarm.id,
        IMAGE: image,
        SETTING: setting,
        FOLDER: folder,
        HADOOP: secret(hadoop),
        ROLE: this.usesRole ? "yes" : "",
      };
      const { connection } = swarm;
      const script = join(__dirname, "bucket-folder.sh");
      made.push(
        remoteScript(
          `${name}-${purpose}`,
          { connection, script, variables },
          { parent: this, dependsOn: before },
        ),
      );
    }
    const stack = new SwarmStack(
      name,
      { swarm, stackName: "spark", compose: composeDocument(image, this, store) },
      { parent: this, dependsOn: made },
    );
    remoteScript(
      `${name}-workers`,
      {
        connection: swarm.connection,
        script: join(__dirname, "await-workers.sh"),
        variables: {
          HOSTS: all(workers.map(({ id }) => id)).apply((ids) => ids.join(" ")),
          WORKERS: workers.length,
          STORE: store ? "yes" : "",
          TIMEOUT: 120,
        },
      },
      { parent: this, dependsOn: stack },
    );
    this.registerOutputs({});
  }
}

type Volume = NonNullable<ComposeService["volumes"]>[number];
const workerFolders = [FOLDERS.host, FOLDERS.work, FOLDERS.local, FOLDERS.data];

function composeDocument(
  image: string,
  { secrets, usesRole }: Spark,
  store?: StoreArgs,
): ComposeDocument {
  const part = (
    command: string,
    volumes: (string | Volume)[],
    rest: Partial<ComposeService> = {},
  ): ComposeService => ({
    image,
    command: [command],
    environment: { OVERLAY_PREFIX },
    networks: { [NETWORK]: { aliases: [command] } },
    // The user of images/spark.
    secrets: sparkSecrets(secrets),
    volumes: [
      ...volumes.map((given) =>
        typeof given === "string" ? { type: "bind" as const, source: given, target: given } : given,
      ),
      ...(usesRole ? [roleMount] : []),
    ],
    deploy: { endpoint_mode: "dnsrr", placement: { constraints: ["node.role == manager"] } },
    ...rest,
  });
  return {
    version: "3.8",
    services: {
      master: part("master", [], {
        volumes: [RECORDS, ...(usesRole ? [roleMount] : [])],
      }),
      history: part("history", [FOLDERS.events]),
      ...(store && {
        namenode: part("namenode", [storeMount("namenode"), FOLDERS.data], {
          environment: { OVERLAY_PREFIX, STORE_REPLICATION: `${store.replication}` },
          // See components/swarm/form.sh.
          labels: { "spark-swarm.hand-over": "python3 /opt/store/hand_over.py" },
        }),
        metastore: part("metastore", [storeMount("metastore")]),
      }),
      worker: part("worker", [...workerFolders, ...(store ? [storeMount("datanode")] : [])], {
        environment: {
          OVERLAY_PREFIX,
          ...(store && {
            STORE_RESERVED_GB: `${store.reserved}`,
            STORE_REPLICATION: `${store.replication}`,
          }),
        },
        // Time to hand over blocks, see worker() in images/spark/entrypoint.sh.
        stop_grace_period: "60s",
        deploy: {
          mode: "global",
          endpoint_mode: "dnsrr",
          // A label of the engine, not of the node: nothing has to label a host that joins.
          placement: { constraints: ["engine.labels.role == worker"] },
        },
      }),
    },
    networks: { [NETWORK]: { external: true, name: NETWORK } },
    secrets: externalSecrets(secrets),
    volumes: {
      [RECORDS.source]: {},
      ...(usesRole && roleVolumes),
      ...(store && storeVolumes),
    },
  };
}
