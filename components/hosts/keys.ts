import type { Resource } from "@pulumi/pulumi";
import { type SshKey, sshKey } from "../ssh-key";

/** The key pairs of a cluster's hosts. */
export interface HostKeys {
  /** Opens the hosts and the bastion, for people and for Pulumi. */
  client: SshKey;
  /** By which workers ask the manager for the token. */
  join: SshKey;
  manager: SshKey;
  /** A host key for each worker. */
  workers: { name: string; key: SshKey }[];
}

/** Makes the key pairs for a manager and so many workers. */
export function hostKeys(name: string, workers: number, parent: Resource): HostKeys {
  return {
    client: sshKey(`${name}-client-key`, parent),
    join: sshKey(`${name}-join-key`, parent),
    manager: sshKey(`${name}-manager-host-key`, parent),
    workers: Array.from({ length: workers }, (_, index) => ({
      name: `worker-${index}`,
      key: sshKey(`${name}-worker-${index}-host-key`, parent),
    })),
  };
}
