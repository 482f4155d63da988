import { log, type Resource } from "@pulumi/pulumi";
import { Connect } from "../components/connect/connect";
import type { Hosts } from "../components/hosts/contract";
import { ClusterImages } from "../components/images/cluster";
import type { SwarmImages } from "../components/images/images";
import { LoadedImages } from "../components/images/loaded";
import { Livy } from "../components/livy/livy";
import { Monitoring } from "../components/monitoring/monitoring";
import { Notebook } from "../components/notebook/notebook";
import type { Allocation } from "../components/spark/allocation";
import type { Spark } from "../components/spark/spark";
import { Sql } from "../components/sql/sql";
import { SwarmStack } from "../components/swarm-stack/swarm-stack";
import type { Settings } from "./clouds";
import type { UserStack } from "./stacks";

/** The enabled services in addition to Spark, and the user's stacks. */
export function workloads(
  name: string,
  args: {
    settings: Settings;
    stacks: UserStack[];
    hosts: Hosts;
    /** The resource that makes the cluster's own images available to the hosts. */
    provided: Resource;
    images: SwarmImages;
    spark: Spark;
    allocation: Allocation;
  },
): Resource[] {
  const { settings, stacks, images, spark, allocation } = args;
  const { notebook, sql, livy } = settings;
  const { swarm } = spark;
  const made: Resource[] = [];
  const onSpark = { dependsOn: spark };
  if (notebook && images.notebook) {
    const image = images.notebook.reference;
    made.push(new Notebook(`${name}-notebook`, { spark, image, ...notebook }, onSpark));
  }
  if (settings.connect) {
    const image = images.spark.reference;
    made.push(new Connect(`${name}-connect`, { spark, image, allocation }, onSpark));
  }
  if (sql) {
    const image = images.spark.reference;
    made.push(new Sql(`${name}-sql`, { spark, image, ...sql }, onSpark));
  }
  if (livy && images.livy) {
    const image = images.livy.reference;
    made.push(new Livy(`${name}-livy`, { spark, image, ...livy }, onSpark));
  }
  if (images.monitoring) {
    const image = images.monitoring.reference;
    made.push(new Monitoring(`${name}-monitoring`, { swarm, image }, onSpark));
  }
  const built = builtImages(name, args);
  for (const { stackName, notes, images: own, ...stack } of stacks) {
    const resource = new SwarmStack(
      `${name}-${stackName}`,
      { swarm, stackName, ...stack },
      { dependsOn: own.length && built ? built : [] },
    );
    if (notes.length) log.info(notes.join("\n"), resource);
    made.push(resource);
  }
  return made;
}

/** Makes the images that the user's stacks build available to the hosts. */
function builtImages(
  name: string,
  { settings, stacks, hosts, provided }: Parameters<typeof workloads>[1],
): Resource | undefined {
  const all = new Map(stacks.flatMap(({ images }) => images).map((one) => [one.reference, one]));
  const images = [...all.values()];
  if (images.length === 0) return undefined;
  // After the cluster's own images, which may be their base. Both use the same path on the manager.
  const opts = { dependsOn: provided };
  return settings.cloud === "local"
    ? new LoadedImages(`${name}-built-images`, { hosts, images }, opts)
    : new ClusterImages(`${name}-built-images`, { hosts, images }, opts);
}
