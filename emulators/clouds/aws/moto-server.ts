import { execFile, spawn } from "node:child_process";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { CloudResource } from "../contract";

const SETUP = join(__dirname, "../../../scripts/setup/moto");
const PROGRAM = join(__dirname, "moto-server");

/** A security group's rule, in EC2's terms. */
export interface Rule {
  /** `tcp`, `udp`, `icmp`, `-1` for all, or a protocol's number. */
  protocol: string;
  from: number | null;
  to: number | null;
  /** The other side: a range, or the members of a group. */
  cidr: string | null;
  group: string | null;
}

export interface Instance {
  id: string;
  region: string;
  zone: string;
  state: "pending" | "running" | "stopping" | "stopped" | "shutting-down";
  /** The tag `Name`, or the id. */
  name: string;
  hostname: string;
  cpus: number;
  memoryMb: number;
  image: string;
  vpc: string;
  groups: string[];
  privateAddress: string;
  publicAddress: string | null;
  elasticAddress: string | null;
  /** Base64; only while pending. */
  userData: string;
  spot: boolean;
  /** What happens when its machine powers itself off. */
  shutdown: "stop" | "terminate";
  tokens: "required" | "optional";
  hopLimit: number;
  /** The instance profile's ARN. */
  profile: string | null;
}

/** The contents of a region. */
export interface Region {
  /** Ranges by id. */
  vpcs: Record<string, string>;
  groups: { id: string; inbound: Rule[]; outbound: Rule[] }[];
  /** Those that are not terminated. */
  instances: Instance[];
  /** Elastic ones. */
  addresses: string[];
  resources: CloudResource[];
}

export interface Snapshot {
  regions: Region[];
  /** Roles by the ARN of the instance profile that has them. */
  roles: Record<string, { name: string; arn: string }>;
  /** The resources that belong to no region. */
  resources: CloudResource[];
}

export interface Reason {
  code: string;
  message: string;
}

/** A change of the state of an instance's machine. */
export interface News {
  id: string;
  region: string;
  publicAddress?: string;
  state?: "running" | "stopped" | "shutting-down" | "terminated";
  reason?: Reason;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** For example 2025-01-31T12:00:00Z. */
  expiration: string;
}

/** Moto's server for EC2, IAM, S3 and STS, with the additions in moto-server/. It ends with this process. */
export class MotoServer {
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly port: number,
    /** An administrator's credentials. */
    readonly accessKeyId: string,
    readonly secretAccessKey: string,
    private readonly stop: () => Promise<void>,
  ) {}

  /** Starts moto; installs it first if it is missing. */
  static async start(): Promise<MotoServer> {
    const setup = promisify(execFile)(SETUP);
    setup.child.stderr?.pipe(process.stderr);
    const { stdout } = await setup;
    const child = spawn(join(stdout.trim(), "bin/python"), [PROGRAM], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        MOTO_ENABLE_AMI_VALIDATION: "true",
        // Signature and permissions are checked for every request.
        INITIAL_NO_AUTH_ACTION_COUNT: "0",
        PYTHONDONTWRITEBYTECODE: "1",
      },
    });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once("line", resolve);
      child.once("error", reject);
      ended.then(() => reject(new Error("moto's server ended before it was ready")));
    });
    const { port, accessKeyId, secretAccessKey } = JSON.parse(line);
    return new MotoServer(port, accessKeyId, secretAccessKey, () => {
      child.stdin.end();
      return ended;
    });
  }

  /** Passes an API request on unchanged, so that its signature stays valid. */
  forward(sent: {
    method: string;
    path: string;
    headers: IncomingHttpHeaders;
    body: Buffer | NodeJS.ReadableStream;
  }): Promise<IncomingMessage> {
    const { method, path, headers, body } = sent;
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.port, agent: this.agent };
      const outgoing = request({ ...options, method, path, headers }, resolve);
      outgoing.once("error", reject);
      if (Buffer.isBuffer(body)) outgoing.end(body);
      else body.pipe(outgoing);
    });
  }

  state(): Promise<Snapshot> {
    return this.ask("state");
  }

  tell(news: News): Promise<void> {
    return this.ask("instances", news);
  }

  /** Temporary credentials of a role. */
  credentials(order: { region: string; instance: string; role: string }): Promise<Credentials> {
    return this.ask("credentials", order);
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.stop();
  }

  private async ask<Answer>(what: string, order?: object): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(order ?? null));
    const headers = { "content-type": "application/json", "content-length": `${body.length}` };
    const answer = await this.forward({ method: "POST", path: `/_moto/${what}`, headers, body });
    const reported = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`moto's server failed at ${what}: ${reported}`);
    return JSON.parse(reported) as Answer;
  }
}
