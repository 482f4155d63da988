import { type Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { freePort } from "../ssh/local-ports";

/**
 * Local ports for Spark's pages. Their links name other pages by addresses that only the cluster's hosts reach: each
 * of these gets a local port too, at the first link to it, and the link leads there.
 */
export class LocalPages {
  private readonly ports = new Map<string, Promise<number>>();
  private readonly links: RegExp;

  /**
   * @param agent connects to the cluster's network
   * @param hosts the names of pages' hosts
   * @param overlayPrefix how addresses of the cluster's network begin
   */
  constructor(
    private readonly agent: Agent,
    hosts: string[],
    overlayPrefix: string,
  ) {
    const address = String.raw`${overlayPrefix.replaceAll(".", "\\.")}[\d.]+`;
    this.links = new RegExp(String.raw`\bhttp://(${[...hosts, address].join("|")}):(\d+)\b`, "g");
  }

  /** The local port of a page, which is opened the first time. */
  port(host: string, port: number): Promise<number> {
    const page = `${host}:${port}`;
    const opened = this.ports.get(page) ?? this.open(page, port);
    this.ports.set(page, opened);
    return opened;
  }

  private async open(page: string, preferred: number): Promise<number> {
    // Loaded on first use: `--help` does not need it.
    const { createProxyServer } = require("httpxy") as typeof import("httpxy");
    const proxy = createProxyServer({
      target: `http://${page}`,
      agent: this.agent,
      headers: { "accept-encoding": "identity" },
      selfHandleResponse: true,
    });
    const fail = (error: Error, response: ServerResponse) => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end(`${page} on the cluster does not answer: ${error.message}\n`);
    };
    proxy.on("error", (error, _request, response) => fail(error, response as ServerResponse));
    proxy.on("proxyRes", (answer, _request, response) => {
      this.pass(answer, response).catch((error) => fail(error, response));
    });
    const server = createServer((request, response) => {
      proxy.web(request, response).catch((error) => fail(error, response));
    });
    const local = await freePort(preferred);
    await new Promise<void>((done, failed) => {
      server.once("error", failed).listen(local, "127.0.0.1", done).unref();
    });
    return local;
  }

  private async pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const { location, ...headers } = answer.headers;
    if (location) headers.location = await this.withLocalLinks(location);
    const status = answer.statusCode ?? 502;
    // Some pages get links as JSON.
    if (!/^(text\/html|application\/json)\b/.test(headers["content-type"] ?? "")) {
      response.writeHead(status, headers);
      answer.pipe(response);
      return;
    }
    const page = await this.withLocalLinks(await text(answer));
    const { "content-length": _, "transfer-encoding": __, ...others } = headers;
    response.writeHead(status, others);
    response.end(page);
  }

  private async withLocalLinks(page: string): Promise<string> {
    const local = new Map<string, string>();
    for (const [link, host = "", port] of page.matchAll(this.links)) {
      if (!local.has(link))
        local.set(link, `http://localhost:${await this.port(host, Number(port))}`);
    }
    return page.replace(this.links, (link) => local.get(link) ?? link);
  }
}
