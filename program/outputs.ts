import type { Input } from "@pulumi/pulumi";
import { z } from "zod";

// The program's description of a cluster, which the tool, the next update and the tests read. This file imports only a
// type of Pulumi: the tool must start at once.

// Written into OpenSSH's configuration, so neither blanks nor quotes.
const word = z.string().regex(/^[^\s"'\\]+$/, "must be one word");
const hostKey = z
  .string()
  .regex(/^(ssh-|ecdsa-)\S+ [A-Za-z0-9+/=]+$/, "must be an SSH public key without a comment");
const port = z.int().min(1).max(65535);

const endpoint = z.object({ address: word, port, user: word, hostKey });

/** The stack output `cluster`: the same on every cloud. */
export const clusterSchema = z.object({
  stack: word,
  cloud: word,
  /** When it was created, that is, its manager. */
  since: z.iso.datetime(),
  manager: endpoint.extend({ name: word, privateAddress: word }),
  workers: z.array(z.object({ name: word, id: word, privateAddress: word, user: word, hostKey })),
  bastion: endpoint,
  image: word,
  network: word,
  overlayPrefix: word,
  /** What an application gets that does not ask for anything itself; memory in MB. */
  allocation: z.object({
    mode: z.enum(["shared", "maximize"]),
    executor: z.object({ cpus: z.int(), memory: z.int() }).optional(),
    /** Spark's properties for drivers. */
    properties: z.record(z.string(), z.string()),
  }),
  /** Where paths without a scheme are: in HDFS on the cluster's hosts, or on each host's own disk. */
  storage: z.enum(["hdfs", "none"]).default("none"),
  /** The Pulumi plugins that stand-ins replaced at the last update. */
  standIns: z.array(word).default([]),
});

export type Cluster = z.infer<typeof clusterSchema>;

/** What opens a cluster. */
export const accessSchema = z.object({
  cluster: clusterSchema,
  /** Opens the hosts and the bastion. */
  privateKey: z.string().includes("PRIVATE KEY", { error: "must be a private key" }),
});
export type Access = z.infer<typeof accessSchema>;

/** The stack output `hourlyCost`: amounts of money for an hour; all are zero where nothing costs money. */
export const hourlyCostSchema = z.object({
  currency: z.string().length(3),
  total: z.number().nonnegative(),
  parts: z.array(
    z.object({
      what: z.enum(["compute", "disk", "address"]),
      /** Its owner and kind: `manager: s-2vcpu-4gb`. */
      item: z.string(),
      count: z.number().nonnegative(),
      each: z.number().nonnegative(),
      hourly: z.number().nonnegative(),
    }),
  ),
});

export type HourlyCost = z.infer<typeof hourlyCostSchema>;

/** An average month: clouds convert monthly prices to hourly ones with it, and the tool converts them back. */
export const HOURS_PER_MONTH = 730;

/** The price of a cluster. */
export const pricedSchema = z.object({ cluster: clusterSchema, hourlyCost: hourlyCostSchema });
export type Priced = z.infer<typeof pricedSchema>;

/** All of the stack's outputs as the program returns them. Some of their values are known only after an update. */
export type Outputs = { [Name in keyof (Access & Priced)]: Promised<(Access & Priced)[Name]> };
type Promised<Value> = Input<
  Value extends (infer Item)[]
    ? Promised<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Promised<Value[Key]> }
      : Value
>;
