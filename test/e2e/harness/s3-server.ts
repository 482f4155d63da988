import { join } from "node:path";
import { freePort } from "./ports";
import { eventually, Program, succeed } from "./programs";
import { repository } from "./stack";

/** An S3 service (moto's) that a local cluster's containers can reach: on the address of Docker's own bridge. */
export class S3Server {
  private constructor(
    readonly endpoint: string,
    private readonly server: Program,
  ) {}

  /** Installs moto when it is not there yet. */
  static async start(): Promise<S3Server> {
    const printed = await succeed([join(repository, "scripts/setup/aws-model")], { seconds: 180 });
    const python = join(printed.trim().split("\n").at(-1) ?? "", "bin/python");
    const gateway = ["--format", "{{(index .IPAM.Config 0).Gateway}}"];
    const inspect = ["docker", "network", "inspect", "bridge", ...gateway];
    const address = (await succeed(inspect, { seconds: 10 })).trim();
    const port = await freePort();
    const server = new Program(
      [python, "-m", "moto.server", "--host", address, "--port", `${port}`],
      { seconds: 1800, env: process.env },
    );
    const started = new S3Server(`http://${address}:${port}`, server);
    await eventually(30, () => started.ask("GET", ""));
    return started;
  }

  /** Makes a bucket with these objects. */
  async bucket(name: string, objects: Record<string, string> = {}): Promise<void> {
    await this.ask("PUT", name);
    for (const [key, body] of Object.entries(objects))
      await this.ask("PUT", `${name}/${key}`, body);
  }

  /** The keys of a bucket's objects. */
  async keys(bucket: string): Promise<string[]> {
    const listing = await this.ask("GET", `${bucket}?list-type=2`);
    return [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = ""]) => key);
  }

  stop(): void {
    this.server.signal("SIGTERM");
  }

  private async ask(method: string, path: string, body?: string): Promise<string> {
    const headers = {
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request",
    };
    const response = await fetch(`${this.endpoint}/${path}`, { method, body, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text;
  }
}
