import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { CliError } from "../errors";
import type { Ssh } from "../ssh/ssh";
import { sendFiles } from "./pack";

/** SHA-256 of files, by their names in a folder: `./a/b.ipynb`. */
export type Sums = Map<string, string>;

/** On the manager of a cloud with a notebook: components/notebook/notebooks.sh. */
const PROGRAM = "/usr/local/lib/spark-swarm/notebooks";
/** Files that Jupyter and Spark leave beside notebooks; the program on the manager ignores the same. */
const IGNORED = /^(\.ipynb_checkpoints|metastore_db|spark-warehouse|derby\.log|\.~.*)$/;

/** What `sha256sum --zero` prints. */
export function parseSums(text: string): Sums {
  const lines = text.split("\0").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

export function formatSums(sums: Sums): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\0`).join("");
}

/** The files of a local folder; none when it does not exist. */
export function sumsOf(folder: string): Sums {
  const sums: Sums = new Map();
  const look = (directory: string) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (IGNORED.test(entry.name)) continue;
      if (entry.isDirectory()) look(path);
      else if (entry.isFile()) {
        const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
        sums.set(`./${relative(folder, path)}`, sum);
      }
    }
  };
  if (existsSync(folder)) look(folder);
  return sums;
}

/**
 * What a copy from one side to the other must do.
 *
 * @param saved the files that were the same on both sides when last copied: a file that differs has changed since
 */
export function compare(
  from: Sums,
  to: Sums,
  saved: Sums,
): { copied: string[]; conflicts: string[] } {
  const copied: string[] = [];
  const conflicts: string[] = [];
  for (const [name, sum] of from) {
    const there = to.get(name);
    if (there === sum) continue;
    if (there === undefined || there === saved.get(name)) copied.push(name);
    // A file that changed only at the destination is newer there.
    else if (sum !== saved.get(name)) conflicts.push(name);
  }
  return { copied, conflicts };
}

/**
 * Copies the cluster's notebooks into a local folder.
 *
 * @param force overwrites those that were changed on both sides
 * @returns the names of the copied files
 * @throws CliError when some were changed on both sides: then nothing is copied
 */
export async function pull(ssh: Ssh, folder: string, force: boolean): Promise<string[]> {
  const { remote, saved } = await ask(ssh);
  const local = sumsOf(folder);
  const names = chosen(compare(remote, local, saved), force, "here");
  const incoming = join(ssh.directory, "notebooks");
  mkdirSync(incoming);
  if (names.length > 0) await receive(ssh, names, incoming);
  const arrived = sumsOf(incoming);
  const missing = names.filter((name) => !arrived.has(name));
  if (missing.length > 0) throw new CliError("failed", `These did not arrive: ${list(missing)}`);
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(incoming, name), join(folder, name));
  }
  await record(
    ssh,
    [...remote].map(([name, sum]) => [
      name,
      arrived.get(name) ?? (local.get(name) === sum ? sum : saved.get(name)),
    ]),
  );
  return names;
}

/** Copies the notebooks of a local folder to the cluster; otherwise like {@link pull}. */
export async function push(ssh: Ssh, folder: string, force: boolean): Promise<string[]> {
  if (!existsSync(folder)) throw new CliError("missingFile", `There is no folder ${folder}.`);
  const { remote, saved } = await ask(ssh);
  const local = sumsOf(folder);
  const names = chosen(compare(local, remote, saved), force, "on the cluster");
  const sums = new Map(names.map((name) => [name, local.get(name) ?? ""]));
  if (names.length > 0) await send(ssh, folder, sums);
  await record(
    ssh,
    [...new Map([...remote, ...sums])].map(([name, sum]) => [
      name,
      local.get(name) === sum ? sum : saved.get(name),
    ]),
  );
  return names;
}

function chosen(
  { copied, conflicts }: ReturnType<typeof compare>,
  force: boolean,
  where: string,
): string[] {
  if (conflicts.length === 0 || force) return [...copied, ...conflicts].sort();
  throw new CliError(
    "failed",
    `Changed both here and on the cluster since the last copy: ${list(conflicts)}. Nothing was copied. Rename those ${where} to keep them, or overwrite them with --force.`,
  );
}

const list = (names: string[]) => names.map((name) => name.replace(/^\.\//, "")).join(", ");

async function ask(ssh: Ssh): Promise<{ remote: Sums; saved: Sums }> {
  const remote = parseSums(await run(ssh, "list"));
  return { remote, saved: parseSums(await run(ssh, "saved")) };
}

async function record(ssh: Ssh, sums: [name: string, sum: string | undefined][]): Promise<void> {
  const known = sums.filter((entry): entry is [string, string] => entry[1] !== undefined);
  await run(ssh, "record", formatSums(new Map(known)));
}

async function run(ssh: Ssh, command: string, input = ""): Promise<string> {
  const { status, stdout, stderr } = await ssh.run(
    ssh.cluster.manager.name,
    `${PROGRAM} ${command}`,
    input,
  );
  if (status === 0) return stdout;
  if (status === 127) {
    throw new CliError(
      "noCluster",
      "This cluster has no notebook. Start one with: pulumi config set notebook true && pulumi up",
    );
  }
  throw new CliError("failed", `The manager's notebooks: ${stderr.trim()}`);
}

/** Fetches files into a folder. */
async function receive(ssh: Ssh, names: string[], folder: string): Promise<void> {
  const { name } = ssh.cluster.manager;
  const sender = ssh.start(name, ["-T"], `${PROGRAM} send`, {
    input: names.join("\0"),
    stderr: "inherit",
    buffer: false,
  });
  const { stdout } = sender.child;
  if (!stdout) throw new Error("ssh has no output");
  const unpacked = pipeline(stdout, extract({ cwd: folder, strict: true })).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const [{ status }, problem] = await Promise.all([ssh.end(name, sender), unpacked]);
  if (status !== 0 || problem) {
    throw new CliError("failed", `The notebooks did not arrive${problem ? `: ${problem}` : "."}`);
  }
}

/** Sends files of a folder, and their list, by which the manager knows that all have arrived. */
async function send(ssh: Ssh, folder: string, sums: Sums): Promise<void> {
  const { name } = ssh.cluster.manager;
  const staging = join(ssh.directory, "notebooks");
  mkdirSync(staging);
  symlinkSync(folder, join(staging, "files"));
  writeFileSync(join(staging, "list"), formatSums(sums));
  const members = ["list", ...[...sums.keys()].map((file) => join("files", file))];
  const receiver = ssh.start(name, ["-T"], `${PROGRAM} receive`, {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const problem = await sendFiles(receiver.child, staging, members);
  receiver.child.stdin?.end();
  const { status } = await ssh.end(name, receiver);
  if (problem || status !== 0) {
    throw new CliError(
      "failed",
      `The notebooks could not be copied to the manager${problem ? `: ${problem}` : "."}`,
    );
  }
}
