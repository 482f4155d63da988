/**
 * The tool's exit statuses.
 *
 * `submit`, `shell` and `ssh` exit with the status of what they ran, so the tool's own begin at 64, above what programs
 * commonly use; their meanings are those of BSD's sysexits.h where it has one.
 */
export const exitCodes = {
  /** Done. For `status`: healthy. */
  ok: 0,
  /** Not done, or not for every host. For `status`: degraded. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** A named local file does not exist or cannot be read. */
  missingFile: 66,
  /** A host or the bastion does not answer. */
  unreachable: 68,
  /** The stack does not exist, or no cluster is up on it. */
  noCluster: 69,
  /** A defect of the tool itself. */
  defect: 70,
  /** A required program is missing: pulumi, ssh, a browser. */
  missingProgram: 72,
  /** A local port is taken, or the tunnel is open already. */
  busy: 73,
  /** A host's key is not the pinned one: nothing was sent to it. */
  hostKey: 76,
  /** A host or Pulumi's backend denied access. */
  denied: 77,
  /** Ended by Ctrl-C. Other signals likewise: 128 and the signal's number. */
  interrupted: 130,
} as const;

export type ExitCode = keyof typeof exitCodes;
