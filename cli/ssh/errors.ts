import type { Cluster } from "../../program/outputs";
import { CliError } from "../errors";

/** OpenSSH's exit status when the connection, not the remote command, failed. */
export const connectionFailed = 255;

/**
 * Interprets OpenSSH's messages about a failed connection. A remote command may exit with the status 255 too; then
 * there are no such messages.
 */
export function explainSsh(host: string, log: string, cluster: Cluster): CliError | undefined {
  const messages = log.replace(/^debug1:.*\r?\n/gm, "");
  const stack = `stack ${cluster.stack}`;
  if (
    /Host key verification failed|REMOTE HOST IDENTIFICATION|No .* host key is known/i.test(
      messages,
    )
  ) {
    return new CliError(
      "hostKey",
      `${host} of ${stack} presents a different host key than expected, so nothing was sent. If the host was replaced, run \`pulumi up --refresh\`. Otherwise someone may be intercepting the connection.`,
    );
  }
  if (/Permission denied/.test(messages)) {
    return new CliError(
      "denied",
      `${host} of ${stack} does not accept the stack's key. \`pulumi up --refresh\` repairs manual changes.`,
    );
  }
  // With debug messages (`ssh -v`), a command that has ended leaves a trace; a cut connection may leave no message.
  const cut =
    log !== messages && !/rtype exit-status/.test(log) ? "the connection was cut" : undefined;
  const reason =
    /(Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable|Operation timed out|Could not resolve hostname|not responding|Broken pipe|timed out|open failed|kex_exchange_identification|banner exchange)[^\r\n]*/i.exec(
      messages,
    )?.[0] ?? cut;
  if (!reason) return undefined;
  const { address, port } = host === "bastion" ? cluster.bastion : cluster.manager;
  const where =
    host === cluster.manager.name || host === "bastion"
      ? `at ${address} port ${port}`
      : `behind ${cluster.manager.name}`;
  return new CliError(
    "unreachable",
    `${host} of ${stack} does not answer ${where} (${reason.trim()}). \`spark-swarm status\` checks all hosts; \`pulumi up --refresh\` replaces lost ones.`,
  );
}
