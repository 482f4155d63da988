import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CliError } from "../errors";
import type { Ssh } from "../ssh/ssh";
import { ask, namedSchema, requireSuccess, startStore } from "./ask";
import { markSaved } from "./fetch";

const formats = ["csv", "json", "parquet"] as const;
export type Format = (typeof formats)[number];

/** The target format, by the file's name. */
export function formatOf(file: string): Format {
  const format = formats.find((format) => extname(file).toLowerCase() === `.${format}`);
  if (format) return format;
  throw new CliError("usage", `--as ${file}: the name must end with .csv, .json or .parquet.`);
}

/**
 * Fetches a folder's part files as one file, which the manager creates while it sends it.
 *
 * @returns its size
 */
export async function fetchAsOne(
  ssh: Ssh,
  path: string,
  file: string,
  { format, header, force }: { format: Format; header?: boolean; force: boolean },
): Promise<number> {
  if (existsSync(file) && !(force && statSync(file).isFile())) {
    throw new CliError(
      "failed",
      `${file} would be overwritten. Nothing was fetched. Choose another file, or overwrite it with --force.`,
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  const incoming = join(dirname(file), `.spark-swarm-${process.pid}-${basename(file)}`);
  const remove = () => rmSync(incoming, { force: true });
  process.once("exit", remove);
  try {
    const headers = header === undefined ? "found" : header ? "yes" : "no";
    const parts = await ask(ssh, namedSchema, ["list", path]);
    // Its input ends with this process, which also ends the remote program.
    const sender = startStore(ssh, ["as", format, headers, path], {
      stdio: ["pipe", "pipe", "pipe"],
      buffer: { stdout: false },
    });
    const { stdin, stdout } = sender.child;
    if (!stdin || !stdout) throw new Error("ssh has no streams");
    stdin.on("error", () => {});
    await pipeline(stdout, createWriteStream(incoming));
    stdin.end();
    requireSuccess(await ssh.end(ssh.cluster.manager.name, sender));
    renameSync(incoming, file);
    await markSaved(ssh, parts);
    return statSync(file).size;
  } finally {
    remove();
    process.off("exit", remove);
  }
}
