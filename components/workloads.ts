import { readFileSync } from "node:fs";
import type { Resource } from "@pulumi/pulumi";
import { Connect } from "./connect/connect";
import type { SwarmImages } from "./images/images";
import { Livy } from "./livy/livy";
import { Monitoring } from "./monitoring/monitoring";
import { Notebook } from "./notebook/notebook";
import type { Settings } from "./settings/schema";
import type { Allocation } from "./spark/allocation";
import type { Spark } from "./spark/spark";
import { SwarmStack } from "./swarm-stack/swarm-stack";

/** What people have switched on besides Spark, and the stacks of their own. */
export function workloads(
  name: string,
  args: {
    settings: Settings;
    images: SwarmImages;
    spark: Spark;
    allocation: Allocation;
  },
): Resource[] {
  const { settings, images, spark, allocation } = args;
  const { notebook, livy } = settings;
  const { swarm } = spark;
  const made: Resource[] = [];
  const onSpark = { dependsOn: spark };
  if (notebook && images.notebook) {
    const image = images.notebook.reference;
    made.push(new Notebook(`${name}-notebook`, { spark, image, settings: notebook }, onSpark));
  }
  if (settings.connect) {
    const image = images.spark.reference;
    made.push(new Connect(`${name}-connect`, { spark, image, allocation }, onSpark));
  }
  if (livy && images.livy) {
    const image = images.livy.reference;
    made.push(new Livy(`${name}-livy`, { spark, image, settings: livy }, onSpark));
  }
  if (images.monitoring) {
    const image = images.monitoring.reference;
    made.push(new Monitoring(`${name}-monitoring`, { swarm, image }, onSpark));
  }
  for (const { name: stackName, file } of settings.stacks) {
    const compose = readFileSync(file, "utf8");
    made.push(new SwarmStack(`${name}-${stackName}`, { swarm, stackName, compose }));
  }
  return made;
}
