import { type Connection, Server, type ServerChannel, type SFTPWrapper, utils } from "ssh2";

/**
 * An SSH server at port 22 of a loopback address that accepts every login and runs nothing: each command succeeds,
 * without output, when its input has ended and `ready` has resolved. Copied files are accepted and discarded.
 */
export class SimulatedSsh {
  private readonly connections = new Set<Connection>();

  private constructor(
    private readonly server: Server,
    private readonly ready: () => Promise<void>,
  ) {}

  /** Without `hostKey` it generates one. */
  static async start(
    address: string,
    hostKey = newHostKey(),
    ready = () => Promise.resolve(),
  ): Promise<SimulatedSsh> {
    const server = new Server({ hostKeys: [hostKey] });
    const started = new SimulatedSsh(server, ready);
    server.on("connection", (connection) => started.serve(connection));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(22, address, resolve);
    });
    return started;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) connection.end();
    await closed;
  }

  private serve(connection: Connection): void {
    this.connections.add(connection);
    connection
      .on("close", () => this.connections.delete(connection))
      .on("error", () => this.connections.delete(connection))
      .on("authentication", (context) => context.accept())
      .on("session", (accept) => {
        accept()
          .on("env", (acceptEnv) => acceptEnv?.())
          .on("exec", (acceptExec) => this.succeed(acceptExec()))
          .on("sftp", (acceptSftp) => takeFiles(acceptSftp()));
      });
  }

  private async succeed(stream: ServerChannel): Promise<void> {
    const read = new Promise<void>((resolve) => stream.once("end", resolve));
    stream.on("error", () => {}).resume();
    await Promise.all([read, this.ready()]);
    stream.exit(0);
    stream.end();
  }
}

/** The one folder that exists before others are created. */
const ROOT = { mode: 0o040755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

/** The part of SFTP that is needed to write files. */
function takeFiles(sftp: SFTPWrapper): void {
  const { NO_SUCH_FILE, OK } = utils.sftp.STATUS_CODE;
  const stat = (request: number, path: string) =>
    path === "/" ? sftp.attrs(request, ROOT) : sftp.status(request, NO_SUCH_FILE);
  const done = (request: number) => sftp.status(request, OK);
  sftp
    .on("STAT", stat)
    .on("LSTAT", stat)
    .on("MKDIR", done)
    .on("OPEN", (request) => sftp.handle(request, Buffer.alloc(4)))
    .on("WRITE", done)
    .on("FSETSTAT", done)
    .on("CLOSE", done);
}

/** The private host key in a machine's user data: its variable HOST_KEY, in single quotes. */
export function hostKeyOf(userData: string): string | undefined {
  return /^HOST_KEY='([^']*)'$/m.exec(userData)?.[1];
}

/** ssh2 cannot read one in a few hundred of the keys that it generates. */
function newHostKey(): string {
  const { private: key } = utils.generateKeyPairSync("ed25519");
  return utils.parseKey(key) instanceof Error ? newHostKey() : key;
}
