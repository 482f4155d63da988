import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type Connection, Server, type ServerChannel, type SFTPWrapper, utils } from "ssh2";

export interface KeyPair {
  private: string;
  public: string;
}

/** ssh2 cannot read one in a few hundred of the keys that it generates. */
export function newKey(): KeyPair {
  const pair = utils.generateKeyPairSync("ed25519");
  return utils.parseKey(pair.private) instanceof Error ? newKey() : pair;
}

export interface ServerOptions {
  hostKey: KeyPair;
  /** Public keys that may log in. */
  authorized?: string[];
  password?: string;
  /** Names of the variables that a client may set, like sshd's AcceptEnv. */
  acceptEnv?: string[];
  port?: number;
}

/** An SSH server on the loopback that really runs commands, writes files and forwards. */
export class SshServer {
  readonly connections = new Set<Connection>();
  readonly commands = new Set<ChildProcess>();
  readonly forwardedTo: string[] = [];
  logins = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(options: ServerOptions): Promise<SshServer> {
    let started: SshServer | undefined;
    const server = new Server({ hostKeys: [options.hostKey.private] }, (connection) =>
      started?.serve(connection, options),
    );
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address !== "object" || !address) throw new Error("the server has no port");
    started = new SshServer(server, address.port);
    return started;
  }

  /** Breaks all connections without notice, like a machine that loses its power. */
  cut(): void {
    for (const connection of this.connections) connection.end();
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const command of this.commands) killGroup(command, "SIGKILL");
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private serve(connection: Connection, options: ServerOptions): void {
    this.connections.add(connection);
    this.heedSignals(connection);
    connection
      .on("close", () => this.connections.delete(connection))
      .on("error", () => this.connections.delete(connection))
      .on("authentication", (context) => {
        const accepted =
          (context.method === "password" && context.password === options.password) ||
          (context.method === "publickey" &&
            (options.authorized ?? []).some((line) => {
              const key = utils.parseKey(line);
              if (key instanceof Error || !key.getPublicSSH().equals(context.key.data))
                return false;
              const { blob, signature, hashAlgo } = context;
              return !blob || !signature || key.verify(blob, signature, hashAlgo) === true;
            }));
        if (!accepted) return context.reject(["publickey", "password"]);
        context.accept();
      })
      .on("ready", () => {
        this.logins++;
      })
      .on("tcpip", (accept, _reject, { destIP, destPort }) => {
        this.forwardedTo.push(`${destIP}:${destPort}`);
        const stream = accept();
        const socket = connect(destPort, destIP);
        this.sockets.add(socket);
        socket.on("error", () => stream.end());
        stream.on("error", () => socket.destroy());
        stream.pipe(socket).pipe(stream);
      })
      .on("session", (accept) => {
        const environment: Record<string, string> = {};
        let command: ChildProcess | undefined;
        connection.on("close", () => command && killGroup(command, "SIGKILL"));
        accept()
          .on("env", (acceptEnv, rejectEnv, { key, val }) => {
            if (!options.acceptEnv?.includes(key)) return rejectEnv();
            environment[key] = String(val);
            acceptEnv();
          })
          .on("exec", (acceptExec, _reject, { command: line }) => {
            command = this.run(line, environment, acceptExec());
          })
          .on("sftp", (acceptSftp) => serveFiles(acceptSftp()));
      });
  }

  /** ssh2's server ignores signals once a command runs; OpenSSH's passes them on. */
  private heedSignals(connection: Connection): void {
    const { _handlers: handlers } = (connection as unknown as Internals)._protocol;
    const handle = handlers.CHANNEL_REQUEST;
    handlers.CHANNEL_REQUEST = (protocol, channel, type, wantReply, data) => {
      if (type !== "signal") return handle(protocol, channel, type, wantReply, data);
      for (const command of this.commands) killGroup(command, `SIG${data}`);
    };
  }

  private run(line: string, environment: object, stream: ServerChannel): ChildProcess {
    const env = { PATH: process.env.PATH, ...environment };
    const child = spawn("/bin/sh", ["-c", line], { env, detached: true });
    this.commands.add(child);
    stream.pipe(child.stdin);
    child.stdin.on("error", () => {});
    child.stdout.pipe(stream, { end: false });
    child.stderr.pipe(stream.stderr, { end: false });
    child.on("close", (code, signal) => {
      this.commands.delete(child);
      if (signal) stream.exit(signal.replace("SIG", ""));
      else stream.exit(code ?? 0);
      stream.end();
    });
    return child;
  }
}

interface Internals {
  _protocol: { _handlers: { CHANNEL_REQUEST: HandleRequest } };
}
type HandleRequest = (
  protocol: unknown,
  channel: number,
  type: string,
  wantReply: boolean,
  data: unknown,
) => void;

function killGroup({ pid }: ChildProcess, signal: string): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has already ended.
  }
}

/** The part of SFTP that is needed to write files. */
function serveFiles(sftp: SFTPWrapper): void {
  const { STATUS_CODE } = utils.sftp;
  const handleOf = (descriptor: number) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(descriptor);
    return handle;
  };
  const attempt = (request: number, work: () => void) => {
    try {
      work();
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      sftp.status(request, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE, String(error));
    }
  };
  const stat = (request: number, path: string) =>
    attempt(request, () => {
      const { mode, uid, gid, size, atimeMs, mtimeMs } = statSync(path);
      sftp.attrs(request, { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 });
    });
  sftp
    .on("STAT", stat)
    .on("LSTAT", stat)
    .on("MKDIR", (request, path) =>
      attempt(request, () => {
        mkdirSync(path);
        sftp.status(request, STATUS_CODE.OK);
      }),
    )
    .on("OPEN", (request, path) =>
      attempt(request, () => sftp.handle(request, handleOf(openSync(path, "w")))),
    )
    .on("WRITE", (request, handle, offset, data) =>
      attempt(request, () => {
        writeSync(handle.readUInt32BE(), data, 0, data.length, offset);
        sftp.status(request, STATUS_CODE.OK);
      }),
    )
    .on("FSETSTAT", (request) => sftp.status(request, STATUS_CODE.OK))
    .on("CLOSE", (request, handle) =>
      attempt(request, () => {
        closeSync(handle.readUInt32BE());
        sftp.status(request, STATUS_CODE.OK);
      }),
    );
}
