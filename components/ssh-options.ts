/**
 * OpenSSH's options for a connection that trusts the host's pinned key, opens it with one key, asks nobody, and uses
 * nothing of the user's own configuration. components/on-host.sh has them too.
 *
 * @param knownHosts the path of a file with the pinned keys
 */
export function pinned(knownHosts: string): Record<string, string> {
  return {
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    BatchMode: "yes",
  };
}
