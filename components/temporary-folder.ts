import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Begins the folders' names; the process that made one follows. Short: paths of sockets are limited. */
const PREFIX = "sswarm-";

export interface TemporaryFolder {
  path: string;
  /** Removes it now, not only when the process ends. */
  remove: () => void;
}

/**
 * Makes a folder that only this user can read (mode 0700), which is removed when this process ends. First it removes
 * those that this user's killed processes have left: there may be keys in them.
 */
export function temporaryFolder(): TemporaryFolder {
  removeStale();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
    process.off("exit", remove);
  };
  process.on("exit", remove);
  return { path, remove };
}

function removeStale(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (!pid || isRunning(Number(pid))) continue;
    const path = join(tmpdir(), name);
    // Another process may have removed it meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
