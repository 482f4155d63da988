import { readdirSync, statSync } from "node:fs";
import { basename, posix } from "node:path";
import type { Client, SFTPWrapper } from "ssh2";
import { openSftp } from "./ssh";

/** Copies a local file or folder as documented for `CopyToRemote` (see its table of cases). */
export async function copyPath(client: Client, source: string, destination: string): Promise<void> {
  const sftp = await sessionOf(client);
  const found = await sftp.kind(destination);
  if (!statSync(source).isDirectory()) {
    if (found === "directory")
      return sftp.putFile(source, posix.join(destination, basename(source)));
    if (!found) await sftp.makeDirectories(posix.dirname(destination));
    return sftp.putFile(source, destination);
  }
  if (!found) await sftp.makeDirectories(destination);
  const target = source.endsWith("/") ? destination : posix.join(destination, basename(source));
  await copyDirectory(sftp, source, target);
}

export async function copyFile(client: Client, source: string, destination: string): Promise<void> {
  await (await sessionOf(client)).putFile(source, destination);
}

export async function copyText(client: Client, text: string, destination: string): Promise<void> {
  const sftp = await sessionOf(client);
  if ((await sftp.kind(destination)) === "directory") {
    throw new Error(
      `remote path ${destination} is a directory; when using a text asset, remotePath must be a file path`,
    );
  }
  await sftp.makeDirectories(posix.dirname(destination));
  await sftp.putText(text, destination);
}

async function copyDirectory(sftp: Session, source: string, target: string): Promise<void> {
  const found = await sftp.kind(target);
  if (found === "file") throw new Error(`remote path ${target} exists but is not a directory`);
  if (!found) await sftp.makeDirectories(target);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = posix.join(source, entry.name);
    const to = posix.join(target, entry.name);
    if (entry.isDirectory()) await copyDirectory(sftp, from, to);
    else await sftp.putFile(from, to);
  }
}

type Session = Awaited<ReturnType<typeof sessionOf>>;

/** SFTP with promises, each of which fails when the connection does. */
async function sessionOf(client: Client) {
  const sftp = await openSftp(client);
  const lost = new Promise<never>((_, reject) =>
    client.on("close", () => reject(new Error("ssh: connection lost"))),
  );
  lost.catch(() => {});

  function request<Result>(
    what: string,
    send: (sftp: SFTPWrapper, done: (error?: Error | null, result?: Result) => void) => void,
  ): Promise<Result | undefined> {
    const answered = new Promise<Result | undefined>((resolve, reject) =>
      send(sftp, (error, result) =>
        error ? reject(new Error(`failed to ${what}: ${error.message}`)) : resolve(result),
      ),
    );
    return Promise.race([answered, lost]);
  }

  async function kind(path: string): Promise<"file" | "directory" | undefined> {
    const stats = await request<{ isDirectory(): boolean }>(`stat remote path ${path}`, (s, done) =>
      s.stat(path, (error, result) =>
        (error as { code?: unknown } | undefined)?.code === NO_SUCH_FILE
          ? done()
          : done(error, result),
      ),
    );
    return stats && (stats.isDirectory() ? "directory" : "file");
  }

  async function makeDirectories(path: string): Promise<void> {
    if (await kind(path)) return;
    await makeDirectories(posix.dirname(path));
    await request(`create remote directory ${path}`, (s, done) => s.mkdir(path, done));
  }

  return {
    kind,
    makeDirectories,
    putFile: async (source: string, destination: string) => {
      await request(`copy file ${source} to remote path ${destination}`, (s, done) =>
        s.fastPut(source, destination, done),
      );
    },
    putText: async (text: string, destination: string) => {
      await request(`write text content to remote path ${destination}`, (s, done) =>
        s.writeFile(destination, text, done),
      );
    },
  };
}

const NO_SUCH_FILE = 2;
