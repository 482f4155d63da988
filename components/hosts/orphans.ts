import { all, log, runtime } from "@pulumi/pulumi";
import type { Host } from "./contract";

/**
 * Warns of machines that carry the stack's tag and are in nobody's books, such as one whose creation the cloud
 * answered with an error. Only in previews in which no host is to be made: during an update machines that were
 * replaced still exist.
 */
export function warnOfOrphans(
  hosts: Host[],
  list: () => Promise<{ id: string; name: string }[]>,
): void {
  if (!runtime.isDryRun()) return;
  all(hosts.map(({ id }) => id)).apply(async (known) => {
    for (const { id, name } of await list()) {
      if (known.includes(id)) continue;
      log.warn(
        `The machine ${name} (${id}) carries this stack's tag, but Pulumi does not know it: a failed creation may have left it. It costs money until you delete it; 'pulumi destroy' will.`,
      );
    }
  });
}
