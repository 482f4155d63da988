import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { SPARK_USER } from "../facts";
import type { Swarm } from "../swarm/swarm";
import type { ComposeDocument, ComposeService } from "../swarm-stack/compose";
import { SwarmStack } from "../swarm-stack/swarm-stack";

/** A volume of each host, in memory. cli/jobs/driver.sh and bucket-folder.sh use it too. */
const VOLUME = "spark_role";

/** The mount with the credentials of the host's role: see images/spark/entrypoint.sh. */
export const roleMount: NonNullable<ComposeService["volumes"]>[number] = {
  type: "volume",
  source: VOLUME,
  target: "/run/aws",
  read_only: true,
};
export const roleVolumes: NonNullable<ComposeDocument["volumes"]> = {
  [VOLUME]: {
    name: VOLUME,
    driver: "local",
    // The user and group of images/spark.
    driver_opts: {
      type: "tmpfs",
      device: "tmpfs",
      o: `size=1m,uid=${SPARK_USER},gid=${SPARK_USER},mode=0750`,
    },
  },
};

/**
 * The only service on each host that asks EC2's metadata service, on the host's network, for the credentials of the
 * host's role. They last for hours. It passes them on to the services that need them.
 */
export function roleStack(
  name: string,
  { swarm, image }: { swarm: Swarm; image: string },
  opts: ComponentResourceOptions,
): SwarmStack {
  const compose: ComposeDocument = {
    version: "3.8",
    services: {
      relay: {
        image,
        entrypoint: [
          "tini",
          "--",
          "python3",
          "/usr/local/bin/spark-relay-role",
          "/run/aws/credentials",
        ],
        networks: { host: {} },
        volumes: [{ ...roleMount, read_only: false }],
        deploy: { mode: "global", endpoint_mode: "dnsrr", placement: { constraints: [] } },
      },
    },
    networks: { host: { external: true, name: "host" } },
    volumes: roleVolumes,
  };
  return new SwarmStack(name, { swarm, stackName: "role", compose }, opts);
}
