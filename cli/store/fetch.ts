import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { z } from "zod";
import { CliError } from "../errors";
import type { Ssh } from "../ssh/ssh";
import { progressBar } from "../terminal/progress";
import { bytes } from "../terminal/units";
import { ask, type Named, namedSchema, requireSuccess, startStore } from "./ask";
import { shown } from "./paths";

/**
 * Fetches files and folders of a store into a local folder. They arrive in a hidden folder there, and get their names
 * when all are complete.
 *
 * @param force overwrites local files
 * @returns what has arrived
 */
export async function fetch(
  ssh: Ssh,
  paths: string[],
  folder: string,
  force: boolean,
): Promise<Named[]> {
  const expected = await ask(ssh, namedSchema, ["list", ...paths]);
  const size = expected.reduce((sum, entry) => sum + entry.size, 0);
  mkdirSync(folder, { recursive: true });
  refuseConflicts(expected, folder, force);
  requireRoom(folder, size);

  const incoming = mkdtempSync(join(folder, ".spark-swarm-"));
  const remove = () => rmSync(incoming, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    await receive(ssh, paths, incoming, size);
    verify(expected, incoming);
    for (const { name, type } of expected) {
      if (type === "folder") mkdirSync(join(folder, name), { recursive: true });
      else renameSync(join(incoming, name), join(folder, name));
    }
  } finally {
    remove();
    process.off("exit", remove);
  }
  await markSaved(ssh, expected);
  return expected;
}

/** Records in the store that these files exist here, so that `destroy` does not warn of them. */
export async function markSaved(ssh: Ssh, arrived: Named[]): Promise<void> {
  const files = arrived.filter(({ type, saved }) => type === "file" && !saved);
  if (files.length === 0) return;
  const input = files
    .map(({ path, size, modified }) => `${JSON.stringify({ path, size, modified })}\n`)
    .join("");
  await ask(ssh, z.never(), ["saved"], input);
}

/** Refuses to replace local files: a file unless `force` is set, a folder by a file in any case. */
export function refuseConflicts(expected: Named[], folder: string, force: boolean): void {
  const here = expected.filter(({ name, type }) => {
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (!found || (found.isDirectory() && type === "folder")) return false;
    return found.isDirectory() || type === "folder" || !force;
  });
  const [first, ...others] = here.map(({ name }) => shown(join(folder, name)));
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  throw new CliError(
    "failed",
    `${first}${more} would be overwritten. Nothing was fetched. Choose another folder with --to, or overwrite files with --force.`,
  );
}

function requireRoom(folder: string, size: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= size) return;
  throw new CliError(
    "failed",
    `The files take ${bytes(size)}, and ${folder} has ${bytes(bavail * bsize)} left. Nothing was fetched.`,
  );
}

async function receive(ssh: Ssh, paths: string[], folder: string, size: number): Promise<void> {
  const host = ssh.cluster.manager.name;
  // Its input ends with this process, which also ends the remote program.
  const sender = startStore(ssh, ["get", ...paths], {
    stdio: ["pipe", "pipe", "pipe"],
    buffer: { stdout: false },
  });
  const { stdin, stdout } = sender.child;
  if (!stdin || !stdout) throw new Error("ssh has no streams");
  stdin.on("error", () => {});
  const bar = progressBar("from the store", size);
  // Not with a generator in between: then Node may never notice that the library's stream has ended.
  stdout.on("data", (chunk: Buffer) => bar?.increment(chunk.length));
  const problem = await pipeline(stdout, extract({ cwd: folder, strict: true })).then(
    () => undefined,
    (error: Error) => error.message,
  );
  stdin.end();
  bar?.stop();
  requireSuccess(await ssh.end(host, sender));
  if (problem) throw new CliError("failed", `The files did not arrive: ${problem}`);
}

/** Compares what has arrived with the listing from before the transfer. */
export function verify(expected: Named[], folder: string): void {
  const arrived = new Map<string, number>();
  const look = (directory: string) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) look(path);
      else arrived.set(relative(folder, path), lstatSync(path).size);
    }
  };
  if (existsSync(folder)) look(folder);
  const files = expected.filter(({ type }) => type === "file");
  const [wrong] = files.filter(({ name, size }) => arrived.get(name) !== size);
  if (!wrong && arrived.size === files.length) return;
  const changed = wrong ? shown(wrong.path) : "files";
  throw new CliError(
    "failed",
    `${changed} changed in the store meanwhile: ${arrived.size} of ${files.length} files arrived. Nothing was kept. Try again when no program is writing them.`,
  );
}
