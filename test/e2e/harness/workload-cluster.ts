import { readFileSync } from "node:fs";
import { join } from "node:path";
import { S3Server } from "./s3-server";
import { repository, SHORT, Stack } from "./stack";

/** The keys of its S3: unique words, so that tests can search for them. */
export const ACCESS_KEY = "an-access-key-of-tests";
export const SECRET_KEY = "a-secret-key-of-tests";

/** The bucket and folder of its event logs. */
export const EVENTS = { bucket: "events", folder: "of/this/team" };

export interface WorkloadCluster {
  stack: Stack;
  s3: S3Server;
  /** The output of `up`. */
  log: string;
}

let made: Promise<WorkloadCluster> | undefined;

/** The cluster with all services enabled. The first call creates it. */
export function workloadCluster(): Promise<WorkloadCluster> {
  made ??= make();
  return made;
}

async function make(): Promise<WorkloadCluster> {
  const s3 = await S3Server.start();
  const uber = readFileSync(join(repository, "examples/data/uber.csv"), "utf8");
  await s3.bucket("uber", { "uber.csv": uber });
  await s3.bucket(EVENTS.bucket);
  const archive = process.env.LIVY_ARCHIVE;
  const stack = await new Stack("workloads").create(
    {
      "manager.cpus": "2",
      "manager.memory": "8192",
      "workers.count": "2",
      "workers.cpus": "2",
      "workers.memory": "4096",
      notebook: "true",
      connect: "true",
      sql: "true",
      monitoring: "true",
      ...(archive && { "livy.archive": archive }),
      "spark.eventLog": `s3a://${EVENTS.bucket}/${EVENTS.folder}`,
      "s3.endpoint": s3.endpoint,
      "s3.pathStyle": "true",
      ...Object.fromEntries(
        Object.entries(SHORT).map(([name, value]) => [`spark.conf["${name}"]`, value]),
      ),
    },
    { "s3.accessKey": ACCESS_KEY, "s3.secretKey": SECRET_KEY },
  );
  return { stack, s3, log: await stack.up() };
}
