import { IPv4 } from "ipaddr.js";
import ms, { type StringValue } from "ms";
import { z } from "zod";
import { numeric, word } from "./values";

// The settings of hosts that the clouds' configurations share.

const COUNT = "a whole number from 1 to 100 (more is untested)";
const count = numeric(z.number(COUNT).int(COUNT).min(1, COUNT).max(100, COUNT)).default(2);

/** A size by its name. The cloud checks later whether it exists. */
export const size = (example: string) =>
  word(`the name of one of the cloud's sizes, such as ${example}`);

const PRICE = "a number above 0: US dollars an hour";
export const price = numeric(z.number(PRICE).positive(PRICE));

/** Workers as a number, or as an object. */
export function workers<Shape extends z.ZodRawShape>(shape: Shape, example: string) {
  return z
    .preprocess(
      (given) => (typeof given === "object" ? given : { count: given }),
      z.strictObject({ count, ...shape }, `${COUNT}, or an object such as ${example}`),
    )
    .prefault({});
}

const DURATION = "a duration of a minute or more, such as 30m, 8h or 2d";
/** In seconds. */
const duration = z
  .string(DURATION)
  .regex(/^\d+(\.\d+)? ?[a-z]+$/, DURATION)
  .transform((text) => Math.round((ms(text as StringValue) ?? 0) / 1000))
  .refine((seconds) => seconds >= 60, DURATION);

/** Clouds that need more for it extend this. */
export const lifetime = z.strictObject(
  { ttl: duration.optional(), idle: duration.optional() },
  "an object such as {ttl: 8h, idle: 30m}",
);

const ADDRESSES =
  "a list of addresses or ranges (IPv4) that may reach SSH, such as [198.51.100.7/32]; 0.0.0.0/0 is everybody";
const ADDRESS =
  "an address, or a range that begins with its first address (IPv4), such as 198.51.100.7/32; 0.0.0.0/0 is everybody";
export const access = z
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

/** AWS refuses a range whose address is not its first one; and 198.51.100.7/0 would admit the whole Internet. */
function isNetwork(range: string): boolean {
  const [address] = range.split("/");
  return IPv4.networkAddressFromCIDR(range).toString() === address;
}

export const budget = z
  .strictObject({ maxHourly: price }, "an object such as {maxHourly: 0.5}")
  .optional();
