import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { Pricing } from "@aws-sdk/client-pricing";
import type { EmulatedCloud } from "./daemon";

// It would ask for a newer Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

interface Given {
  region?: string;
  /** Replaces the cloud's own. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

function config(cloud: EmulatedCloud, { region = "us-east-1", credentials }: Given) {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = cloud.env;
  return {
    endpoint: cloud.env.AWS_ENDPOINT_URL,
    region,
    credentials: credentials ?? {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
    },
    maxAttempts: 1,
  };
}

export const awsClient = (cloud: EmulatedCloud, given: Given = {}) => new EC2(config(cloud, given));
export const iamClient = (cloud: EmulatedCloud, given: Given = {}) => new IAM(config(cloud, given));
export const pricingClient = (cloud: EmulatedCloud, given: Given = {}) =>
  new Pricing(config(cloud, given));
