/**
 * OpenSSH's options for a connection that trusts only the host's pinned key, uses only one key, never prompts, and
 * ignores the user's configuration. components/on-host.sh has them too.
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
