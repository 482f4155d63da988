/**
 * How the tool's exit statuses tell the cases apart.
 *
 * `submit`, `shell` and `ssh` end with the status of what they ran, so the tool's own begin at 64, above
 * what programs commonly use; their meanings are those of BSD's sysexits.h where it has one.
 */
export const exitCodes = {
  /** Done. For `status`: healthy. */
  ok: 0,
  /** Not done, or not for every host. For `status`: degraded. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** A local file that was named is not there or cannot be read. */
  missingFile: 66,
  /** A host or the bastion does not answer. */
  unreachable: 68,
  /** There is no such stack, or no cluster is up on it. */
  noCluster: 69,
  /** A defect of the tool itself. */
  defect: 70,
  /** A program that is needed is missing: pulumi, ssh, a browser. */
  missingProgram: 72,
  /** A local port is taken, or the tunnel is open already. */
  busy: 73,
  /** A host's key is not the one that the stack knows: nothing was sent to it. */
  hostKey: 76,
  /** A host or Pulumi's backend refused us. */
  denied: 77,
  /** Ended by Ctrl-C. Other signals likewise: 128 and the signal's number. */
  interrupted: 130,
} as const;

export type ExitCode = keyof typeof exitCodes;
