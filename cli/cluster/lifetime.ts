import { z } from "zod";
import { CliError } from "../errors";
import type { Finished } from "../programs";
import type { Ssh } from "../ssh/ssh";

/** What a cluster's manager knows of its end. Moments and spans in seconds, by the manager's clock. */
export const lifetimeSchema = z.object({
  now: z.number(),
  /** When its time is up. */
  ends: z.number().nullable(),
  /** After how long without work it ends. */
  idleLimit: z.number().nullable(),
  idleFor: z.number(),
  /** Whether its end has begun. */
  ending: z.boolean(),
  /** Where /data/keep goes before; empty is nowhere. */
  archive: z.string().default(""),
  /** Why it could not be taken there when it was last tried; empty when it could. */
  archiveError: z.string().default(""),
});
export type Lifetime = z.infer<typeof lifetimeSchema>;

/** Asks the manager. */
export function showLifetime(ssh: Ssh): Promise<Lifetime> {
  return run(ssh, "show");
}

/** Moves the end of a cluster's time by some seconds. */
export function extendLifetime(ssh: Ssh, seconds: number): Promise<Lifetime> {
  return run(ssh, `extend ${seconds}`);
}

/**
 * Before a cluster is destroyed: has its manager copy /data/keep to the setting `storage.archive`, if there is one. A
 * manager that does not answer, or that is doing so already, is no reason to wait.
 *
 * @throws CliError with what went wrong
 */
export async function archiveKept(ssh: Ssh): Promise<void> {
  const lifetime = await showLifetime(ssh).catch(() => undefined);
  if (!lifetime?.archive || lifetime.ending) return;
  const host = ssh.cluster.manager.name;
  const { status, all } = await ssh.run(host, `${PROGRAM} archive`);
  if (status !== 0) {
    throw new CliError(
      "failed",
      `/data/keep could not be taken to ${lifetime.archive}: ${all.trim()}`,
    );
  }
}

/** How a cluster that lives for ever gets an end. */
export const GIVE_IT_ONE =
  "To give it one: `pulumi config set --path lifetime.ttl 8h`, then `pulumi up`.";

const PROGRAM = "/usr/local/lib/spark-swarm/lifetime";

/** Of a shell, for a program that is not there. */
const NOT_FOUND = 127;

async function run(ssh: Ssh, words: string): Promise<Lifetime> {
  const host = ssh.cluster.manager.name;
  return parseLifetime(host, await ssh.run(host, `${PROGRAM} ${words}`));
}

/** Reads what the manager's script printed. */
export function parseLifetime(
  host: string,
  { status, stdout, stderr }: Omit<Finished, "all">,
): Lifetime {
  if (status === NOT_FOUND) {
    throw new CliError("failed", `The cluster has no lifetime. ${GIVE_IT_ONE}`);
  }
  if (status !== 0) {
    throw new CliError("failed", `${host} cannot tell when its cluster ends: ${stderr.trim()}`);
  }
  return lifetimeSchema.parse(JSON.parse(stdout));
}
