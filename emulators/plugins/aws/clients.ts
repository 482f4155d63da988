import type * as ec2Sdk from "@aws-sdk/client-ec2";
import type { EC2, EC2ClientConfig } from "@aws-sdk/client-ec2";
import type * as iamSdk from "@aws-sdk/client-iam";
import type { IAM } from "@aws-sdk/client-iam";
import type * as pricingSdk from "@aws-sdk/client-pricing";
import type { Pricing } from "@aws-sdk/client-pricing";
import { errorMessage } from "../lib/plugin";

type RetryStrategy = Exclude<EC2ClientConfig["retryStrategy"], undefined>;

/** The official plugin's number; its pauses are longer, up to 20 s. These also outlast a limit of requests a minute. */
const ATTEMPTS = 25;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The clients of AWS's services, each created on first use: loading one takes a quarter of a second. */
export class Clients {
  private readonly regions = new Map<string, EC2>();
  private globalIam: IAM | undefined;
  private priceList: Pricing | undefined;
  /** Cancels retries and waits. */
  signal: AbortSignal | undefined;

  constructor(
    readonly region: string,
    private readonly credentials: Credentials,
  ) {}

  ec2(region = this.region): EC2 {
    const known = this.regions.get(region);
    if (known) return known;
    const { EC2 } = require("@aws-sdk/client-ec2") as typeof ec2Sdk;
    const client = new EC2(this.config(region));
    client.middlewareStack.add(nameOperation, { step: "initialize" });
    this.regions.set(region, client);
    return client;
  }

  get iam(): IAM {
    const { IAM } = require("@aws-sdk/client-iam") as typeof iamSdk;
    if (this.globalIam) return this.globalIam;
    this.globalIam = new IAM(this.config(this.region));
    this.globalIam.middlewareStack.add(nameOperation, { step: "initialize" });
    return this.globalIam;
  }

  get pricing(): Pricing {
    const { Pricing } = require("@aws-sdk/client-pricing") as typeof pricingSdk;
    if (this.priceList) return this.priceList;
    this.priceList = new Pricing(this.config(this.region));
    this.priceList.middlewareStack.add(nameOperation, { step: "initialize" });
    return this.priceList;
  }

  private config(region: string) {
    return { region, credentials: this.credentials, retryStrategy: this.retries() };
  }

  /** Retries what the official plugin retries: throttled requests, and all server errors except one. */
  private retries(): RetryStrategy {
    type Token = { attempts: number; getRetryCount(): number; getRetryDelay(): number };
    const token = (attempts: number): Token => ({
      attempts,
      getRetryCount: () => attempts - 1,
      getRetryDelay: () => {
        const longest = Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS);
        return attempts === 1 ? 0 : longest * (0.5 + Math.random() / 2);
      },
    });
    return {
      acquireInitialRetryToken: async () => token(1),
      refreshRetryTokenForRetry: async (
        used: unknown,
        info: { errorType: string; error?: Error },
      ) => {
        const { attempts } = used as Token;
        const isFinal =
          info.errorType === "CLIENT_ERROR" || info.error?.name === "InsufficientInstanceCapacity";
        if (isFinal || attempts >= ATTEMPTS || this.signal?.aborted)
          throw new Error("no repetition");
        return token(attempts + 1);
      },
      recordSuccess: () => {},
    } as RetryStrategy;
  }
}

/** An error of AWS's API, as the SDK throws it. */
interface ApiError extends Error {
  operation?: string;
  $metadata: { httpStatusCode?: number; requestId?: string };
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && "$metadata" in error;
}

/** Adds the operation to errors, such as `EC2: RunInstances`. */
function nameOperation<Args, Result>(
  next: (args: Args) => Promise<Result>,
  context: { clientName?: string; commandName?: string },
) {
  return async (args: Args): Promise<Result> => {
    try {
      return await next(args);
    } catch (error) {
      const service = context.clientName?.replace(/Client$/, "");
      const operation = `${service}: ${context.commandName?.replace(/Command$/, "")}`;
      throw Object.assign(error as Error, { operation });
    }
  };
}

/** An error in the words of the official plugin's SDK. */
export function describe(error: unknown): string {
  if (!isApiError(error)) return errorMessage(error);
  const { httpStatusCode = 0, requestId = "" } = error.$metadata;
  return `operation error ${error.operation}, https response error StatusCode: ${httpStatusCode}, RequestID: ${requestId}, api error ${error.name}: ${error.message}`;
}

/** Undefined if the resource does not exist. */
export async function unlessGone<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isApiError(error) && /NotFound$|^NoSuchEntity/.test(error.name)) return undefined;
    throw error;
  }
}
