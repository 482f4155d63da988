import { createReadStream } from "node:fs";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { type Headers, type Pack, pack } from "tar-stream";
import { z } from "zod";
import { CliError } from "../errors";
import type { Ssh } from "../ssh/ssh";
import { progressBar } from "../terminal/progress";
import { ask, BrokeOff, requireSuccess, startStore } from "./ask";
import type { LocalFile } from "./tree";

/** One connection is limited by its window and by one core's encryption. */
const SESSIONS = 4;
const ATTEMPTS = 5;

const plannedSchema = z.object({ path: z.string(), offset: z.number() });

/** A file, and how many of its bytes the store has. */
export type Planned = LocalFile & { offset: number };

/**
 * Sends files into a folder of a store, in parallel. Interrupted transfers resume, also when the command is run again:
 * complete files are not sent again, and the others keep what has arrived.
 *
 * @returns how many bytes were still to be sent
 */
export async function send(
  ssh: Ssh,
  { files, emptyFolders }: { files: LocalFile[]; emptyFolders: string[] },
  folder: string,
): Promise<number> {
  let planned = await plan(ssh, files, folder);
  const total = missing(planned);
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt > 1) planned = await plan(ssh, files, folder);
      await sendAll(ssh, planned, emptyFolders, folder);
      return total;
    } catch (error) {
      if (!mayGoOn(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new CliError(
          "failed",
          `${(error as Error).message} Run the same command again to resume.`,
        );
      }
      console.error(`spark-swarm: ${(error as Error).message} Resuming in a moment.`);
      await setTimeout(1000 * 2 ** attempt);
    }
  }
}

const missing = (planned: Planned[]): number =>
  planned.reduce((sum, { size, offset }) => sum + size - offset, 0);

const mayGoOn = (error: unknown): boolean =>
  error instanceof BrokeOff || (error instanceof CliError && error.code === "unreachable");

async function plan(ssh: Ssh, files: LocalFile[], folder: string): Promise<Planned[]> {
  const input = files
    .map(({ name, size, modified }) => `${JSON.stringify({ path: name, size, modified })}\n`)
    .join("");
  const byName = new Map(files.map((file) => [file.name, file]));
  const wanted = await ask(ssh, plannedSchema, ["plan", folder], input);
  return wanted.flatMap(({ path, offset }) => {
    const file = byName.get(path);
    return file ? [{ ...file, offset }] : [];
  });
}

async function sendAll(
  ssh: Ssh,
  planned: Planned[],
  emptyFolders: string[],
  folder: string,
): Promise<void> {
  const bar = progressBar("to the store", missing(planned));
  // Large files first, so that all sessions end at about the same time.
  const queue = planned.sort((a, b) => b.size - b.offset - (a.size - a.offset));
  const sessions = Math.max(1, Math.min(SESSIONS, queue.length));
  const results = await Promise.allSettled(
    Array.from({ length: sessions }, (_, index) =>
      session(ssh, folder, index === 0 ? emptyFolders : [], queue, (count) =>
        bar?.increment(count),
      ),
    ),
  );
  bar?.stop();
  const errors = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as Error] : [],
  );
  // A failure that cannot be resumed is the one to report.
  const error = errors.find((error) => !mayGoOn(error)) ?? errors[0];
  if (error) throw error;
}

/** One connection, which takes files from the queue until it is empty. */
async function session(
  ssh: Ssh,
  folder: string,
  emptyFolders: string[],
  queue: Planned[],
  note: (count: number) => void,
): Promise<void> {
  // A connection of its own, not a channel of the others'.
  const receiver = startStore(ssh, ["put", folder], { stdio: ["pipe", "ignore", "pipe"] }, [
    "-o",
    "ControlPath=none",
  ]);
  const { stdin } = receiver.child;
  if (!stdin) throw new Error("ssh has no input");
  const archive = pack();
  const written = pipeline(archive, stdin);
  // That the program stops reading is no reason: its exit status explains it.
  written.catch(() => {});
  let problem: string | undefined;
  try {
    for (const name of emptyFolders) archive.entry({ name, type: "directory" });
    for (let file = queue.shift(); file; file = queue.shift()) await add(archive, file, note);
    archive.finalize();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("ERR_STREAM_") && code !== "EPIPE") problem = message;
    archive.destroy();
    stdin.destroy();
  }
  await written.catch(() => {});
  const ended = await ssh.end(ssh.cluster.manager.name, receiver);
  if (problem) throw new CliError("failed", `The files cannot be read: ${problem}`);
  requireSuccess(ended);
}

/**
 * The records that tell the store a file's own time, and how much of it has arrived; see
 * images/spark/files/archives.py.
 */
export const records = ({ modified, offset }: Planned) => ({
  mtime: (modified / 1000).toFixed(3),
  "SPARKSWARM.offset": `${offset}`,
});

async function add(archive: Pack, file: Planned, note: (count: number) => void): Promise<void> {
  const { local, name, size, offset } = file;
  // The library's types lack `pax`.
  const header: Headers & { pax: Record<string, string> } = {
    name,
    size: size - offset,
    pax: records(file),
  };
  const entry = archive.entry(header);
  if (size === offset) {
    entry.end();
    await finished(entry);
    return;
  }
  const content = createReadStream(local, { start: offset, end: size - 1, highWaterMark: 1 << 20 });
  // Not with a generator in between: see fetch.ts.
  content.on("data", (chunk) => note(chunk.length));
  await pipeline(content, entry);
}
