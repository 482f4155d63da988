import { statSync } from "node:fs";
import { resolve } from "node:path";
import { IPv4 } from "ipaddr.js";
import ms, { type StringValue } from "ms";
import { z } from "zod";
import { bootstrap } from "./bootstrap";
import { needs, services } from "./services";
import { numeric, word } from "./values";

const CPUS = "a number, 0.1 at the least: the CPUs of the host, of which Spark gets whole ones";
const MEMORY =
  "a whole number of MB, 2048 at the least: an executor of Spark's default size, 1 GiB, and as much for the system";
const cpus = numeric(z.number(CPUS).min(0.1, CPUS));
const memory = numeric(z.number(MEMORY).int(MEMORY).min(2048, MEMORY));

const COUNT = "a whole number from 1 to 100 (more was never tried)";
const count = numeric(z.number(COUNT).int(COUNT).min(1, COUNT).max(100, COUNT)).default(2);

/** Whether there is such a one, the cloud is asked. */
const size = (example: string) => word(`the name of one of the cloud's sizes, such as ${example}`);
const DISK = "a whole number of GB from 10 to 16384";
const disk = numeric(z.number(DISK).int(DISK).min(10, DISK).max(16384, DISK)).default(30);

const FALLBACK = "one of: on-demand, fail";
const PRICE = "a number above 0: US dollars an hour";
const SPOT = "true, false, or an object such as {maxPrice: 0.05, fallback: on-demand}";
const price = numeric(z.number(PRICE).positive(PRICE));
const spot = z
  .union(
    [
      z.boolean(),
      z.strictObject(
        {
          maxPrice: price.optional(),
          fallback: z.enum(["on-demand", "fail"], FALLBACK).default("fail"),
        },
        SPOT,
      ),
    ],
    SPOT,
  )
  .default(false)
  .transform((given) => (given === true ? { fallback: "fail" as const } : given));

/** Workers as a number, or as an object. */
function workers<Shape extends z.ZodRawShape>(shape: Shape, example: string) {
  return z
    .preprocess(
      (given) => (typeof given === "object" ? given : { count: given }),
      z.strictObject({ count, ...shape }, `${COUNT}, or an object such as ${example}`),
    )
    .prefault({});
}

// Swarm allows 63 characters for stack and service together; our own stacks' names are taken.
const STACK_NAME = "lower-case letters, digits and '-', a letter first, 30 at the most";
const STACK_FILE = "the path of a file, as seen from the folder of Pulumi.yaml";
const OWN_STACKS = ["spark", "bastion", "notebook", "connect", "livy", "monitoring", "role"];
const userStack = z.strictObject(
  {
    name: z
      .string(STACK_NAME)
      .regex(/^[a-z][a-z0-9-]{0,29}$/, STACK_NAME)
      .refine(
        (name) => !OWN_STACKS.includes(name),
        `another name than the cluster's own: ${OWN_STACKS.join(", ")}`,
      ),
    file: z
      .string(STACK_FILE)
      .refine((file) => statSync(resolve(file), { throwIfNoEntry: false })?.isFile(), STACK_FILE),
  },
  "an object such as {name: web, file: web.yml}",
);

const stacks = z
  .array(userStack, "a list such as [{name: web, file: web.yml}]")
  .superRefine(
    (given, { addIssue }) => {
      for (const [index, name] of repeatedNames(given)) {
        addIssue({
          code: "custom",
          path: [index, "name"],
          message: `another name: two stacks are called '${name}'`,
        });
      }
    },
    // Even beside other problems: all are to be reported at once.
    { when: ({ value }) => Array.isArray(value) },
  )
  .default([]);

function* repeatedNames(given: unknown[]): Generator<[index: number, name: string]> {
  const seen = new Set<string>();
  for (const [index, stack] of given.entries()) {
    const name = (stack as { name?: unknown } | null)?.name;
    if (typeof name !== "string") continue;
    if (seen.has(name)) yield [index, name];
    seen.add(name);
  }
}

const DURATION = "a duration of a minute or more, such as 30m, 8h or 2d";
/** In seconds. */
const duration = z
  .string(DURATION)
  .regex(/^\d+(\.\d+)? ?[a-z]+$/, DURATION)
  .transform((text) => Math.round((ms(text as StringValue) ?? 0) / 1000))
  .refine((seconds) => seconds >= 60, DURATION);

const LIFETIME = "an object such as {ttl: 8h, idle: 30m}";
const lifetime = { ttl: duration.optional(), idle: duration.optional() };

const ADDRESSES =
  "a list of addresses or ranges (IPv4) that may reach SSH, such as [198.51.100.7/32]; 0.0.0.0/0 is everybody";
const ADDRESS =
  "an address or a range (IPv4) by its first address, such as 198.51.100.7/32; 0.0.0.0/0 is everybody";
const access = z
  .strictObject(
    {
      allowFrom: z
        .array(
          z
            .union([z.cidrv4(), z.ipv4()], ADDRESS)
            .transform((address) => (address.includes("/") ? address : `${address}/32`))
            .refine(isNetwork, ADDRESS),
          ADDRESSES,
        )
        .min(1, ADDRESSES),
    },
    "an object such as {allowFrom: [198.51.100.7/32]}",
  )
  .prefault({} as { allowFrom: string[] });

/** AWS refuses a range by another address than its first; and 198.51.100.7/0 would be everybody in disguise. */
function isNetwork(range: string): boolean {
  const [address] = range.split("/");
  return IPv4.networkAddressFromCIDR(range).toString() === address;
}

const budget = z
  .strictObject({ maxHourly: price }, "an object such as {maxHourly: 0.5}")
  .optional();

const BUCKET = "the name of an S3 bucket";
const AWS = "an object such as {buckets: [my-data]} or {subnet: subnet-0123}";

const local = z.strictObject({
  cloud: z.literal("local").default("local"),
  workers: workers(
    { cpus: cpus.default(1), memory: memory.default(2048) },
    "{count: 2, cpus: 1, memory: 2048}",
  ),
  manager: z
    .strictObject(
      { cpus: cpus.default(1), memory: memory.default(3072) },
      "an object such as {cpus: 1, memory: 3072}",
    )
    .prefault({}),
  stacks,
  bootstrap,
  ...services,
  lifetime: z.strictObject(lifetime, LIFETIME).prefault({}),
});

const digitalocean = z.strictObject({
  cloud: z.literal("digitalocean"),
  region: word("a region of DigitalOcean, such as nyc3").default("nyc3"),
  // A number is one in Pulumi's configuration too.
  image: z
    .preprocess(
      (given) => (typeof given === "number" ? `${given}` : given),
      word("an image's slug or number, such as docker-20-04"),
    )
    .default("docker-20-04"),
  workers: workers(
    { size: size("s-2vcpu-4gb").default("s-2vcpu-4gb") },
    "{count: 2, size: s-2vcpu-4gb}",
  ),
  manager: z
    .strictObject(
      { size: size("s-2vcpu-4gb").default("s-2vcpu-4gb") },
      "an object such as {size: s-2vcpu-4gb}",
    )
    .prefault({}),
  access,
  stacks,
  bootstrap,
  ...services,
  lifetime: z
    .strictObject(
      { ...lifetime, token: z.string("a DigitalOcean token that may delete droplets").optional() },
      LIFETIME,
    )
    .prefault({}),
  budget,
  digitalocean: z
    .strictObject(
      { reservedAddress: z.boolean("true or false").default(false) },
      "an object such as {reservedAddress: true}",
    )
    .prefault({}),
});

const aws = z.strictObject({
  cloud: z.literal("aws"),
  region: word("a region of AWS, such as us-east-1").default("us-east-1"),
  /** Debian's own, when none is named. */
  image: word("an AMI, such as ami-0123456789abcdef0").optional(),
  workers: workers(
    { size: size("t3.medium").default("t3.medium"), disk, spot },
    "{count: 2, size: t3.medium, disk: 30, spot: true}",
  ),
  manager: z
    .strictObject(
      { size: size("t3.medium").default("t3.medium"), disk },
      "an object such as {size: t3.medium, disk: 30}",
    )
    .prefault({}),
  access,
  stacks,
  bootstrap,
  ...services,
  lifetime: z.strictObject(lifetime, LIFETIME).prefault({}),
  budget,
  aws: z
    .strictObject(
      {
        /** An existing subnet to use; its VPC with it. */
        subnet: word("the id of a subnet, such as subnet-0123456789abcdef0").optional(),
        buckets: z
          .array(
            z.string(BUCKET).regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, BUCKET),
            "a list of S3 buckets such as [my-data]",
          )
          .default([]),
      },
      AWS,
    )
    .prefault({}),
});

/** Even beside other problems: all are to be reported at once. */
const ALWAYS = { when: () => true };
/** One schema for each cloud: what is missing in one means nothing there. */
export const schemas = {
  local: local.superRefine(needs, ALWAYS),
  digitalocean: digitalocean.superRefine(needs, ALWAYS),
  aws: aws.superRefine(needs, ALWAYS),
};

export type LocalSettings = z.infer<typeof local>;
export type DigitalOceanSettings = z.infer<typeof digitalocean>;
export type AwsSettings = z.infer<typeof aws>;
/** The whole configuration of a stack, with defaults filled in. Keys are described in Pulumi.yaml. */
export type Settings = LocalSettings | DigitalOceanSettings | AwsSettings;
