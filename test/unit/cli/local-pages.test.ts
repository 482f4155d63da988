import assert from "node:assert/strict";
import { Agent, createServer, type Server } from "node:http";
import { type AddressInfo, connect, type TcpNetConnectOpts } from "node:net";
import { gzipSync } from "node:zlib";
import { LocalPages } from "../../../cli/pages/local-pages";

/** Pages of a cluster, by their addresses there. */
const PAGES: Record<string, { type: string; body: string | Buffer; location?: string }> = {
  "master:8080": {
    type: "text/html;charset=utf-8",
    body: `<a href="http://10.201.0.5:8081">worker</a> <a href="http://10.201.0.5:8081/logPage">é</a>
<a href="http://10.201.0.9:4040">job</a> <a href="http://10.201x0.9:4040">other</a> <a href="http://example.com:80">other</a>`,
  },
  "10.201.0.5:8081": { type: "text/html", body: '<a href="http://master:8080">Back to Master</a>' },
  "10.201.0.9:4040": {
    type: "application/json",
    body: '{"stderr": "http://10.201.0.5:8081/logPage"}',
  },
  "history:18080": { type: "text/html", body: "", location: "http://master:8080/from" },
  "10.201.0.7:9000": {
    type: "application/octet-stream",
    body: gzipSync("http://10.201.0.5:8081"),
  },
};

describe("local ports of Spark's pages", () => {
  let cluster: Server;
  let local: LocalPages;
  before(async () => {
    cluster = createServer(({ headers }, response) => {
      const page = PAGES[headers["x-page"] as string];
      if (!page) return response.socket?.destroy();
      const { type, body, location } = page;
      response.writeHead(location ? 302 : 200, {
        "content-type": type,
        ...(location && { location }),
      });
      return response.end(body);
    }).listen(0, "127.0.0.1");
    await new Promise((done) => cluster.once("listening", done));
    const { port } = cluster.address() as AddressInfo;
    local = new LocalPages(new ToCluster(port), ["master", "history"], "10.201.");
  });
  after(() => cluster.close());

  const ask = async (host: string, port: number) =>
    fetch(`http://127.0.0.1:${await local.port(host, port)}/`, { redirect: "manual" });
  /** The pages that a text links to on this machine. */
  const localLinks = (page: string) => page.match(/http:\/\/localhost:\d+/g) ?? [];

  it("lead on from page to page", async () => {
    const page = await (await ask("master", 8080)).text();
    const [worker, log, job, ...others] = localLinks(page);
    assert.deepEqual(others, []);
    assert.equal(worker, log);
    assert.match(page, new RegExp(`"${worker}/logPage">é<`));
    assert.match(page, /http:\/\/10\.201x0\.9:4040.*http:\/\/example\.com:80/);
    assert.equal(job, `http://localhost:${await local.port("10.201.0.9", 4040)}`);
    const { stderr } = (await (await ask("10.201.0.9", 4040)).json()) as { stderr: string };
    assert.equal(stderr, `${worker}/logPage`);
    const back = localLinks(await (await ask("10.201.0.5", 8081)).text());
    assert.deepEqual(back, [`http://localhost:${await local.port("master", 8080)}`]);
  });

  it("lead on by redirections", async () => {
    const { status, headers } = await ask("history", 18080);
    assert.equal(status, 302);
    const master = await local.port("master", 8080);
    assert.equal(headers.get("location"), `http://localhost:${master}/from`);
  });

  it("pass on what is no text as it is", async () => {
    const body = Buffer.from(await (await ask("10.201.0.7", 9000)).arrayBuffer());
    assert.deepEqual(body, PAGES["10.201.0.7:9000"]?.body);
  });

  it("report a page that does not answer", async () => {
    const answer = await ask("10.201.0.8", 8081);
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /^10\.201\.0\.8:8081 on the cluster does not answer: /);
  });
});

/** Connects to one local port instead of the cluster, which learns the page's address by a header. */
class ToCluster extends Agent {
  constructor(private readonly port: number) {
    super();
  }

  override createConnection(options: TcpNetConnectOpts) {
    const socket = connect(this.port, "127.0.0.1");
    const write = socket.write.bind(socket);
    const page = `x-page: ${options.host}:${options.port}\r\n`;
    socket.write = ((text: string | Uint8Array, ...rest: []) =>
      write(String(text).replace("\r\n", `\r\n${page}`), ...rest)) as typeof socket.write;
    return socket;
  }
}
