import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Something in a build context. */
export interface ContextEntry {
  /** Its path in the context, with `/` between folders. */
  name: string;
  type: "file" | "directory" | "symlink";
  /** As Git keeps modes: executable or not, whatever the umask was. */
  mode: number;
  /** Of a file: what is in it. */
  content?: Buffer;
  /** Of a symbolic link: where it points. */
  linkname?: string;
}

/**
 * What is in a build context, in an order of its own.
 *
 * @throws when there is something that no image can have been meant to have, such as a socket
 */
export function contextOf(folder: string, prefix = ""): ContextEntry[] {
  return readdirSync(folder)
    .sort()
    .flatMap((base): ContextEntry[] => {
      const path = join(folder, base);
      const name = `${prefix}${base}`;
      const stats = lstatSync(path);
      if (stats.isSymbolicLink()) {
        return [{ name, type: "symlink", mode: 0o777, linkname: readlinkSync(path) }];
      }
      if (stats.isDirectory()) {
        return [{ name, type: "directory", mode: 0o755 }, ...contextOf(path, `${name}/`)];
      }
      if (stats.isFile()) {
        const mode = stats.mode & 0o100 ? 0o755 : 0o644;
        return [{ name, type: "file", mode, content: readFileSync(path) }];
      }
      throw new Error(
        `${path} is neither a file, a folder nor a symbolic link: remove it from the build context`,
      );
    });
}
