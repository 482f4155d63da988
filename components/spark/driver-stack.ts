import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import { FOLDERS, NETWORK, OVERLAY_PREFIX } from "../facts";
import { SwarmStack } from "../swarm-stack/swarm-stack";
import { roleMount, roleVolumes } from "./role";
import { externalSecrets, sparkSecrets } from "./secrets";
import type { Spark } from "./spark";

/**
 * A stack of one service on the manager that runs drivers for others, such as a notebook or a Connect server. It has
 * what drivers have: Spark's secret, /data, the event logs, the Ivy cache.
 */
export function driverStack(
  name: string,
  args: {
    spark: Spark;
    image: string;
    /** The name of the stack, and of the service on the overlay. */
    stackName: string;
    /** The command for the image's entrypoint; by default the image's own. */
    command?: string[];
    environment?: Record<string, string>;
    /** Additional secrets. */
    secrets?: string[];
    /** Additional folders: from path on the host to path in the container. */
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
            // Monitoring finds all drivers by the second alias, see images/monitoring/prometheus.yml.
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
