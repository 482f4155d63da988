import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { posix } from "node:path";

interface Node {
  /** Undefined: a folder. */
  content?: Buffer;
  modified: number;
  group?: string;
}

/** HDFS's HTTP interface, in memory: NameNode and DataNode in one. */
export class FakeHdfs {
  readonly nodes = new Map<string, Node>([["/", { modified: 0 }]]);
  /** How many requests are still refused because it is starting. */
  safeMode = 0;
  /** After how many bytes the next writing connection breaks. */
  breakAfter?: number;
  /** How many more appends fail because the former writer holds the file. */
  otherWriter = 0;
  hosts = 2;
  room = 1e12;
  /** The number of bytes written, including interrupted ones. */
  written = 0;
  readonly operations: string[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => request.destroy());
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  put(path: string, content: string | Buffer, modified = Date.now()): void {
    this.folder(posix.dirname(path));
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    this.nodes.set(path, { ...this.nodes.get(path), content: bytes, modified });
  }

  /** The files of a folder, by their paths. */
  files(folder: string): Record<string, string> {
    const inside = [...this.nodes].filter(([path]) => path.startsWith(`${folder}/`));
    return Object.fromEntries(
      inside.flatMap(([path, { content }]) => (content ? [[path, content.toString()]] : [])),
    );
  }

  folder(path: string): void {
    if (this.nodes.has(path)) return;
    this.folder(posix.dirname(path));
    this.nodes.set(path, { modified: 1000 });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", `http://${this.address}`);
    const say = (value: unknown) => response.end(JSON.stringify(value));
    if (url.pathname === "/jmx") {
      const state = this.safeMode-- > 0 ? "safeMode" : "Operational";
      const room = { CapacityRemaining: this.room, NumLiveDataNodes: this.hosts };
      say({ beans: [{ FSState: state, ...room }] });
      return;
    }
    const path = decodeURIComponent(url.pathname.replace("/webhdfs/v1", "")).replace(
      /(.)\/$/,
      "$1",
    );
    const operation = url.searchParams.get("op") ?? "";
    const refuse = (exception: string, message = "no\n\tat java") => {
      response.statusCode = exception === "FileNotFoundException" ? 404 : 403;
      say({ RemoteException: { exception, message } });
    };
    if (["OPEN", "CREATE", "APPEND"].includes(operation) && !url.searchParams.has("there")) {
      if (this.safeMode-- > 0) return void refuse("SafeModeException");
      if (operation !== "CREATE" && !this.nodes.has(path))
        return void refuse("FileNotFoundException");
      this.operations.push(`${operation} ${path}`);
      // Java composes decomposed characters.
      const names = path.normalize("NFC").split("/").map(encodeURIComponent);
      const place = `/webhdfs/v1${names.join("/")}${url.search}&there=yes`;
      response.writeHead(307, { location: `http://${this.address}${place}` }).end();
      return;
    }
    const node = this.nodes.get(path);
    if (!node && !["CREATE", "MKDIRS"].includes(operation)) {
      return void refuse("FileNotFoundException");
    }
    switch (operation) {
      case "GETFILESTATUS":
        return void say({ FileStatus: this.status(path) });
      case "LISTSTATUS": {
        const inside = [...this.nodes.keys()].filter(
          (name) => name !== "/" && posix.dirname(name) === path,
        );
        const found = node?.content ? [path] : inside;
        return void say({ FileStatuses: { FileStatus: found.map((name) => this.status(name)) } });
      }
      case "GETCONTENTSUMMARY": {
        const sizes = Object.values(this.files(path)).map((content) => content.length);
        const length = node?.content?.length ?? sizes.reduce((sum, size) => sum + size, 0);
        const fileCount = node?.content ? 1 : sizes.length;
        return void say({ ContentSummary: { fileCount, length, spaceConsumed: 2 * length } });
      }
      case "GETSERVERDEFAULTS":
        return void say({ FsServerDefaults: { replication: 2 } });
      case "MKDIRS":
        this.folder(path);
        return void say({ boolean: true });
      case "SETTIMES":
        if (node) node.modified = Number(url.searchParams.get("modificationtime"));
        return void response.end();
      case "SETOWNER":
        if (node) node.group = url.searchParams.get("group") ?? "";
        return void response.end();
      case "RENAME": {
        const to = url.searchParams.get("destination") ?? "";
        if (node) this.nodes.set(to, node);
        this.nodes.delete(path);
        return void response.end();
      }
      case "DELETE":
        for (const name of this.nodes.keys()) {
          if (name === path || name.startsWith(`${path}/`)) this.nodes.delete(name);
        }
        return void say({ boolean: true });
      case "OPEN": {
        const start = Number(url.searchParams.get("offset"));
        const length = Number(url.searchParams.get("length"));
        return void response.end(node?.content?.subarray(start, start + length));
      }
      case "CREATE":
      case "APPEND":
        return this.write(path, operation === "APPEND", request, response, refuse);
      default:
        throw new Error(operation);
    }
  }

  private async write(
    path: string,
    append: boolean,
    request: IncomingMessage,
    response: ServerResponse,
    refuse: (exception: string, message?: string) => void,
  ): Promise<void> {
    if (append && this.otherWriter-- > 0) return refuse("AlreadyBeingCreatedException");
    const chunks = append ? [this.nodes.get(path)?.content ?? Buffer.alloc(0)] : [];
    let count = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      count += chunk.length;
      if (this.breakAfter !== undefined && count > this.breakAfter) {
        this.breakAfter = undefined;
        this.written += count;
        this.put(path, Buffer.concat(chunks));
        request.destroy();
        return;
      }
    }
    this.written += count;
    this.put(path, Buffer.concat(chunks));
    response.writeHead(append ? 200 : 201).end();
  }

  private status(path: string) {
    const node = this.nodes.get(path);
    return {
      pathSuffix: posix.basename(path),
      type: node?.content ? "FILE" : "DIRECTORY",
      length: node?.content?.length ?? 0,
      modificationTime: node?.modified ?? 0,
      replication: 2,
      group: node?.group ?? "supergroup",
    };
  }
}
