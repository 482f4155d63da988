import { join } from "node:path";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/** A file system of a host, in bytes. */
export interface Disk {
  mount: string;
  size: number;
  free: number;
}

/** The file systems that a host's work uses. */
export async function disks(ssh: Ssh, host: string): Promise<Disk[]> {
  const { status, stdout, stderr } = await ssh.run(
    host,
    remoteCommand(join(__dirname, "disks.sh")),
  );
  if (status !== 0) throw new Error(stderr.trim() || `df ended with status ${status}`);
  return parseDisks(stdout);
}

/** Reads what disks.sh prints. */
export function parseDisks(lines: string): Disk[] {
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, mount = "", size, free] = /^(.*) (\d+) (\d+)$/.exec(line) ?? [];
      return { mount, size: Number(size), free: Number(free) };
    });
}

/** The file system that a path is on. */
export function diskOf(path: string, all: Disk[]): Disk | undefined {
  const above = all.filter(
    ({ mount }) => mount === "/" || path === mount || path.startsWith(`${mount}/`),
  );
  return above.sort((a, b) => b.mount.length - a.mount.length)[0];
}
