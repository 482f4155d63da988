import type { ChildProcess } from "node:child_process";
import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { create } from "tar";
import { CliError } from "../errors";
import type { JobFile } from "../jobs/files";

/** Links files and directories under other names below a folder of ours, so that they are packed under these names. */
export function linkTree(folder: string, entries: { from: string; to: string }[]): void {
  for (const { from, to } of entries) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    symlinkSync(from, join(folder, to));
  }
}

// Portable: GNU's tar on the hosts would print a warning for each attribute that only this system knows.

/**
 * Packs files of a folder, following links, into a program's standard input, which stays open. Their order is
 * undefined.
 *
 * @param note called with the number of bytes sent
 * @returns why they cannot be packed. A program that stops reading is no such reason: its exit status explains it.
 */
export async function sendFiles(
  { stdin }: ChildProcess,
  folder: string,
  names: string[],
  note: (count: number) => void = () => {},
): Promise<string | undefined> {
  if (!stdin) throw new Error("the program has no input");
  // Without ./, a name that begins with @ would be read as an archive to add.
  const archive = create(
    { cwd: folder, follow: true, portable: true },
    names.map((name) => `./${name}`),
  );
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      note(chunk.length);
      yield chunk;
    }
  };
  try {
    await pipeline(archive, count, stdin, { end: false });
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unread = code === "EPIPE" || code?.startsWith("ERR_STREAM_");
    return unread ? undefined : message;
  }
}

/** Packs a job's files below `staging`, a directory of ours; the tar file and its size. */
export async function packJob(
  staging: string,
  files: JobFile[],
): Promise<{ tar: string; size: number }> {
  const tree = join(staging, "job");
  mkdirSync(tree);
  linkTree(
    tree,
    files.map(({ local, sent }) => ({ from: local, to: sent })),
  );
  const tar = join(staging, "job.tar");
  try {
    await create({ file: tar, cwd: tree, follow: true, portable: true }, ["."]);
  } catch (error) {
    const problem = (error as Error).message;
    throw new CliError("missingFile", `The job's files cannot be packed: ${problem}`);
  }
  return { tar, size: statSync(tar).size };
}
