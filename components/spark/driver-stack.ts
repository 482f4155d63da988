import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import { FOLDERS, NETWORK, OVERLAY_PREFIX } from "../facts";
import { SwarmStack } from "../swarm-stack/swarm-stack";
import { roleMount, roleVolumes } from "./role";
import { externalSecrets, sparkSecrets } from "./secrets";
import type { Spark } from "./spark";

/**
 * A stack of one service on the manager that runs drivers for others: a notebook, a Connect server. It finds there
 * what drivers find: Spark's secret, /data, the event logs, the Ivy cache.
 */
export function driverStack(
  name: string,
  args: {
    spark: Spark;
    image: string;
    /** The stack's name, and the service's on the overlay. */
    stackName: string;
    /** What the image's entrypoint runs; by default what the image itself says. */
    command?: string[];
    environment?: Record<string, string>;
    /** Secrets of its own. */
    secrets?: string[];
    /** Folders of its own: on the host, in the container. */
    folders?: Record<string, string>;
  },
  opts: CustomResourceOptions & { parent: Resource },
): SwarmStack {
  const { spark, image, stackName, command, environment = {}, folders = {} } = args;
  const own = (args.secrets ?? []).map((secret) => [secret, secret]);
  const secrets = { ...spark.secrets, ...Object.fromEntries(own) };
  const mounts = {
    [FOLDERS.events]: FOLDERS.events,
    [FOLDERS.ivy]: FOLDERS.ivy,
    [FOLDERS.data]: FOLDERS.data,
    ...folders,
  };
  return new SwarmStack(
    name,
    {
      swarm: spark.swarm,
      stackName,
      compose: {
        version: "3.8",
        services: {
          server: {
            image,
            command,
            environment: { OVERLAY_PREFIX, ...environment },
            // The second is by which monitoring finds all drivers, see images/monitoring/prometheus.yml.
            networks: { [NETWORK]: { aliases: [stackName, "driver"] } },
            secrets: sparkSecrets(secrets),
            volumes: [
              ...Object.entries(mounts).map(([source, target]) => ({
                type: "bind" as const,
                source,
                target,
              })),
              ...(spark.usesRole ? [roleMount] : []),
            ],
            deploy: {
              endpoint_mode: "dnsrr",
              placement: { constraints: ["node.role == manager"] },
            },
          },
        },
        networks: { [NETWORK]: { external: true, name: NETWORK } },
        secrets: externalSecrets(secrets),
        ...(spark.usesRole && { volumes: roleVolumes }),
      },
    },
    opts,
  );
}
