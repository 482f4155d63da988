import { z } from "zod";
import { lifetimeSchema } from "../cluster/lifetime";

// The output of facts.sh and jobs/application.sh. Loaded by commands that need it, when they need it.

const node = z.object({
  id: z.string(),
  hostname: z.string(),
  labels: z.record(z.string(), z.string()).nullable(),
  role: z.string(),
  availability: z.string(),
  state: z.string(),
});
const service = z.object({ name: z.string(), mode: z.string(), replicas: z.string() });
const task = z.object({
  name: z.string(),
  node: z.string(),
  desired: z.string(),
  current: z.string(),
  error: z.string(),
});
const address = z.object({ node: z.string(), addresses: z.array(z.string()) });
const driver = z.object({
  id: z.string(),
  title: z.string(),
  addresses: z.array(z.string().nullable()),
  started: z.string(),
});
/** The master's own JSON; memory is in MiB. */
const spark = z.object({
  workers: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      cores: z.number(),
      coresused: z.number(),
      memory: z.number(),
      memoryused: z.number(),
      state: z.string(),
    }),
  ),
  activeapps: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      cores: z.number(),
      memoryperexecutor: z.number(),
      state: z.string(),
      duration: z.number(),
    }),
  ),
});
/** The NameNode's own JSON; sizes are in bytes. */
const store = z.object({
  beans: z.tuple([
    z.object({
      CapacityTotal: z.number(),
      CapacityUsed: z.number(),
      CapacityRemaining: z.number(),
      UnderReplicatedBlocks: z.number(),
      NumLiveDataNodes: z.number(),
    }),
  ]),
});
const missing = z.object({ beans: z.tuple([z.object({ NumberOfMissingBlocks: z.number() })]) });
/** Files that exist only in the store; their bytes. */
const unsaved = z.object({ place: z.string(), files: z.number(), size: z.number() });
/** Whether listing them failed. */
const unlisted = z.object({});
const application = z.object({ id: z.string() });

const kinds = {
  node,
  service,
  task,
  address,
  driver,
  lifetime: lifetimeSchema,
  spark,
  store,
  missing,
  unsaved,
  unlisted,
  application,
};
type Kinds = typeof kinds;

/** All facts of each kind, in the order they were printed. */
export type Facts = { [Kind in keyof Kinds]: z.infer<Kinds[Kind]>[] };
export type SparkFacts = Facts["spark"][number];

/** Reads lines of `KIND JSON`. */
export function parseFacts(lines: string): Facts {
  const of = <Kind extends keyof Kinds>(kind: Kind): Facts[Kind] =>
    lines
      .split("\n")
      .filter((line) => line.startsWith(`${kind} {`))
      .map((line) => kinds[kind].parse(JSON.parse(line.slice(kind.length)))) as Facts[Kind];
  return {
    node: of("node"),
    service: of("service"),
    task: of("task"),
    address: of("address"),
    driver: of("driver"),
    lifetime: of("lifetime"),
    spark: of("spark"),
    store: of("store"),
    missing: of("missing"),
    unsaved: of("unsaved"),
    unlisted: of("unlisted"),
    application: of("application"),
  };
}
