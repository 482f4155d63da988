import type { Resource } from "@pulumi/pulumi";
import { type SshKey, sshKey } from "../ssh-key";
import type { Lost } from "./contract";

/** The key pairs of a cluster's hosts. */
export interface HostKeys {
  /** Opens the hosts and the bastion, for users and for Pulumi. */
  client: SshKey;
  /** With which workers ask the manager for the join token. */
  join: SshKey;
  manager: SshKey;
  /** A host key for each worker, a new one after a loss. */
  workers: { name: string; key: SshKey; lost: boolean }[];
}

/**
 * Makes the key pairs for a manager and the given number of workers.
 *
 * @param lost workers that get a new host key: it is part of their user data, so they are replaced
 */
export function hostKeys(
  name: string,
  workers: number,
  parent: Resource,
  lost: Lost = new Map(),
): HostKeys {
  return {
    client: sshKey(`${name}-client-key`, parent),
    join: sshKey(`${name}-join-key`, parent),
    manager: sshKey(`${name}-manager-host-key`, parent),
    workers: Array.from({ length: workers }, (_, index) => `worker-${index}`).map((worker) => ({
      name: worker,
      key: sshKey(`${name}-${worker}-host-key`, parent, lost.get(worker)),
      lost: lost.has(worker),
    })),
  };
}
