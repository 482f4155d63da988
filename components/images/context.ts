import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** An entry of a build context. */
export interface ContextEntry {
  /** Its path in the context, with `/` between folders. */
  name: string;
  type: "file" | "directory" | "symlink";
  /** As in Git: executable or not, whatever the umask was. */
  mode: number;
  /** The content of a file. */
  content?: Buffer;
  /** The target of a symbolic link. */
  linkname?: string;
}

/**
 * The entries of a build context, in a fixed order.
 *
 * @throws when there is an entry that no image should have, such as a socket
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
