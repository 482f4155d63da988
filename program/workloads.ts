import { log, type Resource } from "@pulumi/pulumi";
import { Connect } from "../components/connect/connect";
import type { SwarmImages } from "../components/images/images";
import { Livy } from "../components/livy/livy";
import { Monitoring } from "../components/monitoring/monitoring";
import { Notebook } from "../components/notebook/notebook";
import type { Allocation } from "../components/spark/allocation";
import type { Spark } from "../components/spark/spark";
import { SwarmStack } from "../components/swarm-stack/swarm-stack";
import type { Settings } from "./clouds";
import type { UserStack } from "./stacks";

/** What people have switched on besides Spark, and the stacks of their own. */
export function workloads(
  name: string,
  args: {
    settings: Settings;
    stacks: UserStack[];
    images: SwarmImages;
    spark: Spark;
    allocation: Allocation;
  },
): Resource[] {
  const { settings, stacks, images, spark, allocation } = args;
  const { notebook, livy } = settings;
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
  if (livy && images.livy) {
    const image = images.livy.reference;
    made.push(new Livy(`${name}-livy`, { spark, image, ...livy }, onSpark));
  }
  if (images.monitoring) {
    const image = images.monitoring.reference;
    made.push(new Monitoring(`${name}-monitoring`, { swarm, image }, onSpark));
  }
  for (const { stackName, notes, ...stack } of stacks) {
    const resource = new SwarmStack(`${name}-${stackName}`, { swarm, stackName, ...stack });
    if (notes.length) log.info(notes.join("\n"), resource);
    made.push(resource);
  }
  return made;
}
