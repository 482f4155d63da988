import { z } from "zod";
import { CliError } from "../errors";
import type { Finished } from "../programs";
import type { Ssh } from "../ssh/ssh";

/** The manager's record of the cluster's end. Moments and spans in seconds, by the manager's clock. */
export const lifetimeSchema = z.object({
  now: z.number(),
  /** When its time is up. */
  ends: z.number().nullable(),
  /** The idle time after which it ends. */
  idleLimit: z.number().nullable(),
  idleFor: z.number(),
  /** Whether its end has begun. */
  ending: z.boolean(),
  /** Where /data/keep is copied first; empty: nowhere. */
  archive: z.string().default(""),
  /** Why the last attempt to copy it failed; empty when it succeeded. */
  archiveError: z.string().default(""),
});
export type Lifetime = z.infer<typeof lifetimeSchema>;

/** Asks the manager. */
export function showLifetime(ssh: Ssh): Promise<Lifetime> {
  return run(ssh, "show");
}

/** Postpones the end of a cluster by some seconds. */
export function extendLifetime(ssh: Ssh, seconds: number): Promise<Lifetime> {
  return run(ssh, `extend ${seconds}`);
}

/**
 * Before a cluster is destroyed: has its manager copy /data/keep to `storage.archive`, if that is set. Does not wait
 * for a manager that does not answer, or that is already copying.
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
      `/data/keep could not be copied to ${lifetime.archive}: ${all.trim()}`,
    );
  }
}

/** How to set a lifetime on a cluster without one. */
export const GIVE_IT_ONE =
  "Set one with `pulumi config set --path lifetime.ttl 8h`, then run `pulumi up`.";

const PROGRAM = "/usr/local/lib/spark-swarm/lifetime";

/** A shell's status when a program does not exist. */
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
    throw new CliError("failed", `${host} cannot read the cluster's lifetime: ${stderr.trim()}`);
  }
  return lifetimeSchema.parse(JSON.parse(stdout));
}
