import { join } from "node:path";
import { remoteCommand } from "../ssh/remote-command";
import type { Ssh } from "../ssh/ssh";

/**
 * How many of a Spark worker's processes the kernel has killed on each worker host for lack of memory since the worker
 * started. Hosts that do not answer are left out.
 */
export async function oomKills(ssh: Ssh): Promise<Map<string, number>> {
  const command = remoteCommand(join(__dirname, "oom-kills.sh"));
  const asked = ssh.cluster.workers.map(async ({ name }) => {
    const { status, stdout } = await ssh.run(name, command);
    return [name, status === 0 ? Number(stdout.trim()) : 0] as const;
  });
  const answers = await Promise.allSettled(asked);
  return new Map(
    answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
  );
}
