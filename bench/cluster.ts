import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NETWORK, SUBNET } from "../components/facts";
import { type Finished, run } from "./run";

export const root = join(__dirname, "..");

/** Set by scripts/bench. */
export const stack = fromEnvironment("BENCH_STACK");
export const folder = fromEnvironment("BENCH_FOLDER");
/** The prefix of the cluster's container names. */
export const clusterName = `spark-swarm-${stack}`;

/** Building the images takes some minutes; everything else is stuck after two. */
const FIRST_UP_LIMIT = 900;
const LIMIT = 120;

export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start this as ./scripts/bench`);
  return value;
}

export function pulumi(args: string[], project = root, limit = LIMIT): Promise<Finished> {
  return run("pulumi", ["--non-interactive", "--stack", stack, ...args], {
    folder: project,
    limit,
  });
}

export async function createStack(project = root): Promise<void> {
  const args = ["--non-interactive", "stack", "init", stack];
  await run("pulumi", args, { folder: project, limit: LIMIT });
}

export function up(project = root, limit = LIMIT): Promise<Finished> {
  return pulumi(
    ["up", "--yes", "--skip-preview", "--suppress-permalink=true", "--suppress-outputs"],
    project,
    limit,
  );
}

/** The first `up`, which builds missing images. */
export async function firstUp(): Promise<void> {
  await createStack();
  await up(root, FIRST_UP_LIMIT);
}

/** Removes the cluster and its stack: the next one starts from nothing. */
export async function destroy(): Promise<void> {
  await pulumi(["destroy", "--yes", "--skip-preview"]);
  await pulumi(["stack", "rm", "--yes"]);
}

const resource = z.object({
  type: z.string(),
  urn: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});
const exported = z.object({ deployment: z.object({ resources: z.array(resource) }) });
const hostInputs = z.object({
  image: z.string(),
  cpus: z.string(),
  memory: z.number(),
  volumes: z.array(z.object({ containerPath: z.string(), volumeName: z.string().optional() })),
});
const deployInputs = z.object({ stdin: z.string() });

/**
 * Environment for bench/plain-swarm.sh to create the same cluster: read from the state of the real one, so that both
 * stay the same.
 */
export async function plainSettings(): Promise<Record<string, string>> {
  const { stdout } = await pulumi(["stack", "export"]);
  const { resources } = exported.parse(JSON.parse(stdout)).deployment;
  const inputs = (name: string): unknown => {
    const found = resources.find(({ urn }) => urn.endsWith(`::${clusterName}-${name}`));
    if (!found) throw new Error(`the state has no resource ${clusterName}-${name}`);
    return found.inputs;
  };
  const manager = hostInputs.parse(inputs("manager"));
  const worker = hostInputs.parse(inputs("worker-0"));
  const documents = join(folder, "documents");
  mkdirSync(documents, { recursive: true });
  for (const name of ["spark", "bastion"]) {
    const { stdin } = deployInputs.parse(inputs(`${name}-deploy`));
    writeFileSync(join(documents, `${name}.yml`), stdin);
  }
  const seed = manager.volumes.find(({ containerPath }) => containerPath === "/seed")?.volumeName;
  const workers = resources.filter(
    ({ type, urn }) => type === "docker:index/container:Container" && /-worker-\d+$/.test(urn),
  );
  return {
    NAME: `${clusterName}-plain`,
    HOST_IMAGE: manager.image,
    SEED: seed ?? "",
    MANAGER_CPUS: manager.cpus,
    MANAGER_MEMORY: String(manager.memory),
    WORKER_CPUS: worker.cpus,
    WORKER_MEMORY: String(worker.memory),
    WORKERS: String(workers.length),
    NETWORK,
    SUBNET,
    DOCUMENTS: documents,
  };
}
