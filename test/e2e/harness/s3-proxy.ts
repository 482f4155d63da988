import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Forwards requests to an S3 service that accepts any credentials, and records the credentials. */
export class S3Proxy {
  /** The access keys' ids of requests that had a session token too. */
  readonly accessKeys = new Set<string>();

  private constructor(
    readonly endpoint: string,
    private readonly server: Server,
  ) {}

  static async start(service: string): Promise<S3Proxy> {
    const { hostname, port } = new URL(service);
    let seen = (_key: string) => {};
    const server = createServer((incoming, outgoing) => {
      const { url, method, headers } = incoming;
      const [, key] = /Credential=([^/]+)\//.exec(headers.authorization ?? "") ?? [];
      if (key && headers["x-amz-security-token"]) seen(key);
      const passed = request({ hostname, port, path: url, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on("error", () => outgoing.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
    const address = server.address() as AddressInfo;
    const proxy = new S3Proxy(`http://${hostname}:${address.port}`, server);
    seen = (key) => proxy.accessKeys.add(key);
    return proxy;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
