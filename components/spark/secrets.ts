import { SPARK_USER } from "../facts";
import type { ComposeDocument, ComposeService } from "../swarm-stack/compose";

/** Secrets of the Swarm, keyed by their names in the service, as files of the user of images/spark and of the
 * group, in which notebooks run. */
export function sparkSecrets(secrets: Record<string, string>): ComposeService["secrets"] {
  return Object.entries(secrets).map(([target, source]) => ({
    source,
    target,
    uid: SPARK_USER,
    gid: SPARK_USER,
    mode: 0o440,
  }));
}

/** The same secrets in a Compose document, which exist before it is deployed. */
export function externalSecrets(secrets: Record<string, string>): ComposeDocument["secrets"] {
  return Object.fromEntries(Object.values(secrets).map((name) => [name, { external: true, name }]));
}
