import type { CloudDefinition } from "../cloud";
import { type AwsSettings, schema } from "./settings";
import { sizes } from "./sizes";

/** EC2 instances. */
export const aws = {
  schema,
  examples: {
    region: "us-east-1",
    image: "ami-0123456789abcdef0",
    "workers.size": "t3.medium",
    "workers.disk": "30",
    "workers.spot": "true",
    "workers.spot.maxPrice": "0.05",
    "workers.spot.fallback": "on-demand",
    "manager.size": "t3.medium",
    "manager.disk": "30",
    "aws.subnet": "subnet-0123456789abcdef0",
    "aws.buckets": "my-data",
  },
  sizes,
  hostType: "aws:ec2/instance:Instance",
  open: async (settings) => (await import("./open")).openAws(settings),
} satisfies CloudDefinition<AwsSettings>;
