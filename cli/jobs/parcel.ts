import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { table } from "../terminal/table";
import { bytes } from "../terminal/units";
import type { JobFile, Parcel } from "./files";

/**
 * Creates those files of a parcel that do not exist yet, below `staging`, a directory of ours; returns all its files.
 */
export async function buildParcel(parcel: Parcel, staging: string): Promise<JobFile[]> {
  const made = join(staging, "made");
  const place = (sent: string): JobFile => {
    const local = join(made, sent);
    mkdirSync(dirname(local), { recursive: true });
    return { local, sent };
  };
  const texts = parcel.texts.map(({ sent, text }) => {
    const file = place(sent);
    writeFileSync(file.local, text, { mode: 0o600 });
    return file;
  });
  const zips: JobFile[] = [];
  for (const { sent, files } of parcel.zips) {
    const file = place(sent);
    await zip(files, file.local);
    zips.push(file);
  }
  return [...parcel.files, ...texts, ...zips];
}

async function zip(files: { local: string; name: string }[], target: string): Promise<void> {
  const { ZipFile } = await import("yazl");
  const archive = new ZipFile();
  const failed = new Promise<never>((_, reject) => archive.on("error", reject));
  for (const { local, name } of files) archive.addFile(local, name);
  archive.end();
  await Promise.race([failed, pipeline(archive.outputStream, createWriteStream(target))]);
}

/** What is sent, a line each. */
export function listed({ listing }: Parcel): string[] {
  if (listing.length === 0) return [];
  const rows = listing.map(({ name, as, size }) => [name, size > 0 ? bytes(size) : "", as]);
  return ["sends", ...table(rows).split("\n")];
}
