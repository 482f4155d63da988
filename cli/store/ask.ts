import { join } from "node:path";
import split from "split2";
import { z } from "zod";
import { CliError } from "../errors";
import type { Finished, ProgramOptions, Running } from "../programs";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/** The exit status of a failure that may be retried; see images/spark/files/__main__.py. */
const BROKE_OFF = 75;
/** The prefix of notes, which are no errors. */
const NOTE = /^note: /;

/** An interrupted transfer, which can be resumed. */
export class BrokeOff extends CliError {
  constructor(message: string) {
    super("failed", message);
  }
}

const entrySchema = z.object({
  path: z.string(),
  type: z.enum(["file", "folder"]),
  /** In bytes. */
  size: z.number(),
  /** In milliseconds. */
  modified: z.number(),
  replication: z.number(),
  /** Whether it also exists elsewhere, as far as the store knows. */
  saved: z.boolean(),
});
/** A file or folder of a store. */
export type Entry = z.infer<typeof entrySchema>;

/** With its name below what is fetched. */
export const namedSchema = entrySchema.extend({ name: z.string() });
export type Named = z.infer<typeof namedSchema>;

/** With the totals of its contents; `stored` counts every copy. */
export const usageSchema = entrySchema.extend({
  files: z.number(),
  size: z.number(),
  stored: z.number(),
});

export const entries = (ssh: Ssh, paths: string[]): Promise<Entry[]> =>
  ask(ssh, entrySchema, ["ls", ...paths]);

/** The answer of a command on the stores, a line of JSON each. */
export async function ask<Schema extends z.ZodType>(
  ssh: Ssh,
  schema: Schema,
  words: string[],
  input = "",
): Promise<z.infer<Schema>[]> {
  const host = ssh.cluster.manager.name;
  const running = startStore(ssh, words, { input });
  const finished = await ssh.end(host, running);
  requireSuccess(finished);
  const lines = finished.stdout.split("\n").filter(Boolean);
  return lines.map((line) => schema.parse(JSON.parse(line)));
}

/** Starts a command on the stores; its notes are shown at once. */
export function startStore(
  ssh: Ssh,
  words: string[],
  streams: ProgramOptions,
  options: string[] = [],
): Running {
  const command = remoteCommand(join(__dirname, "store.sh"), ...words);
  const running = ssh.start(ssh.cluster.manager.name, ["-T", ...options], command, streams);
  running.child.stderr?.pipe(split()).on("data", (line: string) => {
    if (NOTE.test(line)) console.error(`spark-swarm: ${line.replace(NOTE, "")}`);
  });
  return running;
}

export function requireSuccess({ status, stderr }: Finished): void {
  if (status === 0) return;
  const lines = stderr.trim().split("\n");
  const reason =
    lines.filter((line) => !NOTE.test(line)).join("\n") ||
    `The store's program ended with status ${status}.`;
  throw status === BROKE_OFF ? new BrokeOff(reason) : new CliError("failed", reason);
}
