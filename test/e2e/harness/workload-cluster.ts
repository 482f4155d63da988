import { readFileSync } from "node:fs";
import { join } from "node:path";
import { S3Server } from "./s3-server";
import { destroySharedCluster } from "./shared-cluster";
import { repository, Stack } from "./stack";

/** The keys of its S3: words that are in nothing else, so that tests can look for them. */
export const ACCESS_KEY = "an-access-key-of-tests";
export const SECRET_KEY = "a-secret-key-of-tests";

export interface WorkloadCluster {
  stack: Stack;
  s3: S3Server;
}

let made: Promise<WorkloadCluster> | undefined;

/** The cluster on which all is switched on that people may use: made when it is first asked for. */
export function workloadCluster(): Promise<WorkloadCluster> {
  made ??= make();
  return made;
}

async function make(): Promise<WorkloadCluster> {
  await destroySharedCluster();
  const s3 = await S3Server.start();
  const uber = readFileSync(join(repository, "examples/data/uber.csv"), "utf8");
  await s3.bucket("uber", { "uber.csv": uber });
  const stack = await new Stack("workloads").create({
    "manager.cpus": "2",
    "manager.memory": "8192",
    "workers.count": "2",
    "workers.cpus": "2",
    "workers.memory": "4096",
    notebook: "true",
    connect: "true",
    "s3.endpoint": s3.endpoint,
    "s3.accessKey": ACCESS_KEY,
    "s3.pathStyle": "true",
  });
  const secret = ["config", "set", "--secret", "--path", "s3.secretKey"];
  await stack.pulumi([...secret, SECRET_KEY]);
  await stack.up();
  return { stack, s3 };
}
