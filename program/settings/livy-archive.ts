import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The most that is read of the end of a zip, where its directory is, in bytes; Livy's directory has 30 kB. */
const LIST = 1 << 20;

/** Whether a file is Livy's archive for Scala 2.12, judging by the directory at the zip's end. */
export function isLivyArchive(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    const end = Buffer.alloc(Math.min(size, LIST));
    readSync(file, end, 0, end.length, size - end.length);
    const names = ["PK\x05\x06", "/bin/livy-server", "/repl_2.12-jars/"];
    return names.every((name) => end.includes(name));
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
