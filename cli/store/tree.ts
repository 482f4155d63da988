import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "../files/data-paths";

/** A local file, and its name below the folder that it is copied to. */
export interface LocalFile {
  local: string;
  name: string;
  size: number;
  /** In milliseconds. */
  modified: number;
}

/** Everything to copy, following links: files and empty folders. */
export function tree(sources: Source[]): { files: LocalFile[]; emptyFolders: string[] } {
  const files: LocalFile[] = [];
  const emptyFolders: string[] = [];
  const look = (local: string, name: string) => {
    const stat = statSync(local);
    if (!stat.isDirectory()) {
      files.push({ local, name, size: stat.size, modified: Math.floor(stat.mtimeMs) });
      return;
    }
    const names = readdirSync(local);
    if (names.length === 0) emptyFolders.push(name);
    for (const inside of names) look(join(local, inside), `${name}/${inside}`);
  };
  for (const { directory, name } of sources) look(join(directory, name), name);
  return { files, emptyFolders };
}
