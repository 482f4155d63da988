import * as pulumi from "@pulumi/pulumi";
import { Bastion } from "./components/bastion/bastion";
import { NETWORK, OVERLAY_PREFIX } from "./components/facts";
import { ClusterImages } from "./components/images/cluster";
import { swarmImages } from "./components/images/images";
import { Lifetime } from "./components/lifetime/lifetime";
import { LifetimeWatch } from "./components/lifetime/watch";
import { allocationOf } from "./components/spark/allocation";
import { Spark } from "./components/spark/spark";
import { Swarm } from "./components/swarm/swarm";
import { Unsaved } from "./components/unsaved/unsaved";
import { openCloud } from "./program/clouds/open";
import type { Outputs } from "./program/outputs";
import { parseSettings } from "./program/settings/settings";
import { refuseStackName } from "./program/stack-name";
import { readStacks } from "./program/stacks";
import { refuseStandIns, standIns } from "./program/stand-ins";
import { workloads } from "./program/workloads";

// After Pulumi was killed every write of this program fails, and the report of that would fail again.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));

/** How many seconds hosts have to boot and to run the user's actions. */
const BOOTSTRAP_PATIENCE = 1800;

/** The program. It returns the stack's outputs. */
export = async () => {
  const name = `${pulumi.getProject()}-${pulumi.getStack()}`;
  const { settings, stacks, cloud } = await beforehand();

  const { allocation: mode } = settings.spark;
  const allocation = allocationOf(mode, cloud.sizes, settings.workers.count);

  const lifetime = new Lifetime(`${name}-lifetime`, settings.lifetime);
  const images = swarmImages(settings);
  const hosts = cloud.createHosts(name, { images: Object.values(images) }, { dependsOn: lifetime });
  const watch = new LifetimeWatch(`${name}-lifetime`, {
    hosts,
    ...settings.lifetime,
    archive: settings.storage ? settings.storage.archive : undefined,
  });
  const swarm = new Swarm(`${name}-swarm`, {
    hosts,
    joinTimeout: settings.bootstrap.length > 0 ? BOOTSTRAP_PATIENCE : undefined,
  });
  const provided = new ClusterImages(`${name}-images`, {
    hosts,
    images: Object.values(images),
  });
  const onSwarm = { dependsOn: provided };
  const bastion = new Bastion(
    `${name}-bastion`,
    { swarm, clientKey: hosts.clientKey, image: images.bastion.reference },
    onSwarm,
  );
  const spark = new Spark(
    `${name}-spark`,
    {
      swarm,
      workers: hosts.workers,
      image: images.spark.reference,
      s3: settings.s3 && {
        ...settings.s3,
        role: settings.cloud === "aws" && settings.aws.buckets.length > 0,
      },
      eventLog: settings.spark.eventLog,
      store: settings.storage || undefined,
      warehouse: settings.spark.warehouse,
      tables: settings.spark.tables,
      conf: settings.spark.conf,
    },
    onSwarm,
  );
  const made = workloads(name, { settings, stacks, hosts, provided, images, spark, allocation });
  const isLocal = settings.cloud === "local";
  // A local cluster's notebooks are in a folder of the project.
  const notebooks = settings.notebook !== false && !isLocal;
  const store = settings.storage !== false;
  if (notebooks || store) {
    new Unsaved(
      `${name}-unsaved`,
      { hosts, notebooks, store, keepsDisk: isLocal },
      { dependsOn: [lifetime, hosts, watch, swarm, provided, bastion, spark, ...made] },
    );
  }

  return {
    cluster: {
      stack: pulumi.getStack(),
      cloud: settings.cloud,
      since: watch.since,
      manager: {
        name: hosts.manager.name,
        ...hosts.manager.ssh,
        user: "root",
        hostKey: hosts.manager.hostKey,
        privateAddress: hosts.manager.privateAddress,
      },
      workers: hosts.workers.map(({ name, id, privateAddress, hostKey }) => ({
        name,
        id,
        privateAddress,
        user: "root",
        hostKey,
      })),
      bastion: { ...hosts.manager.bastion, user: "tunnel", hostKey: bastion.hostKey.publicKey },
      image: images.spark.reference,
      network: NETWORK,
      overlayPrefix: OVERLAY_PREFIX,
      allocation,
      storage: settings.storage ? "hdfs" : "none",
      standIns: standIns(),
    },
    hourlyCost: cloud.hourlyCost,
    privateKey: hosts.clientKey.privateKey,
  } satisfies Outputs;
};

/** Runs every check that can fail before anything is created. */
async function beforehand() {
  const prefix = `${pulumi.getProject()}:`;
  const config = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  try {
    const settings = parseSettings(Object.fromEntries(config));
    refuseStandIns(settings.cloud);
    refuseStackName(pulumi.getProject(), pulumi.getStack(), settings);
    const stacks = await readStacks(settings);
    return { settings, stacks, cloud: await openCloud(settings) };
  } catch (error) {
    // RunError: the message without a stack trace. With one, Pulumi formats it all the same, for which Node 20.20 needs
    // half a minute and all memory (a path that ends below node_modules/@SCOPE is an endless loop).
    const refusal = new pulumi.RunError((error as Error).message);
    refusal.stack = undefined;
    throw refusal;
  }
}
