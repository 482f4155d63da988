import { z } from "zod";
import { access, budget, lifetime, price, size, workers } from "../../settings/hosts";
import { common } from "../../settings/schema";
import { ALWAYS, buckets, needs } from "../../settings/services";
import { numeric, word } from "../../settings/values";

const DISK = "a whole number of GB from 10 to 16384";
const disk = numeric(z.number(DISK).int(DISK).min(10, DISK).max(16384, DISK)).default(30);

const FALLBACK = "one of: on-demand, fail";
const SPOT = "true, false, or an object such as {maxPrice: 0.05, fallback: on-demand}";
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

const S3_NEEDS_BUCKETS =
  "a list of buckets for s3 to access without keys, such as [my-data]; otherwise set s3.publicBuckets, or s3.accessKey and s3.secretKey";
/** If buckets are named, the hosts have a role that reaches them without keys. */
const withoutKeys = ({ aws }: { aws?: { buckets?: unknown[] } }) =>
  aws?.buckets?.length ? undefined : { path: ["aws", "buckets"], message: S3_NEEDS_BUCKETS };

const AWS = "an object such as {buckets: [my-data]} or {subnet: subnet-0123}";

export const schema = z
  .strictObject({
    cloud: z.literal("aws"),
    region: word("an AWS region, such as us-east-1").default("us-east-1"),
    /** By default Debian's own image. */
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
    ...common,
    lifetime: lifetime.prefault({}),
    budget,
    aws: z
      .strictObject(
        {
          /** An existing subnet to use, with its VPC. */
          subnet: word("the id of a subnet, such as subnet-0123456789abcdef0").optional(),
          buckets,
        },
        AWS,
      )
      .prefault({}),
  })
  .superRefine(needs(withoutKeys), ALWAYS);

export type AwsSettings = z.infer<typeof schema>;
