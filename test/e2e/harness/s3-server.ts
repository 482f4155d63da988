import { join } from "node:path";
import { Program } from "./programs";
import { repository } from "./stack";

/** An S3 service (moto's) that a local cluster's containers can reach. */
export class S3Server {
  private constructor(
    readonly endpoint: string,
    private readonly server: Program,
  ) {}

  /** Installs moto if it is missing. */
  static async start(): Promise<S3Server> {
    const program = join(repository, "emulators/bin/emulated-s3");
    const server = new Program([program, "--attached"], {
      // It ends with its parent process. On a slow machine the files that share one server take more than half an hour.
      seconds: 7200,
      env: process.env,
      attached: true,
    });
    const [, endpoint = ""] = await server.says(/^(http:\/\/\S+)$/m, 180);
    return new S3Server(endpoint, server);
  }

  /** Creates a bucket with these objects. */
  async bucket(name: string, objects: Record<string, string> = {}): Promise<void> {
    await this.ask("PUT", name);
    for (const [key, body] of Object.entries(objects))
      await this.ask("PUT", `${name}/${key}`, body);
  }

  /** Removes a bucket with all its objects. */
  async removeBucket(name: string): Promise<void> {
    for (const key of await this.keys(name)) await this.ask("DELETE", `${name}/${key}`);
    await this.ask("DELETE", name);
  }

  /** The keys of a bucket's objects. */
  async keys(bucket: string): Promise<string[]> {
    const listing = await this.ask("GET", `${bucket}?list-type=2`);
    return [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = ""]) => key);
  }

  /** The content of an object. */
  async object(bucket: string, key: string): Promise<string> {
    return await this.ask("GET", `${bucket}/${key}`);
  }

  async stop(): Promise<void> {
    this.server.signal("SIGTERM");
    await this.server.ended;
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
