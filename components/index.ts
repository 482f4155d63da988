/**
 * Components for Pulumi programs. Hosts have their own entry points, `spark-swarm/local`, `spark-swarm/digitalocean`
 * and `spark-swarm/aws`, since each needs the Pulumi package of its cloud.
 */
export { Bastion, type BastionArgs } from "./bastion/bastion";
export type { BootstrapAction } from "./hosts/bootstrap";
export type { Host, HostSize, Hosts, Manager } from "./hosts/contract";
export { ClusterImages, type ClusterImagesArgs } from "./images/cluster";
export {
  type Image,
  type ImageOptions,
  imageOf,
  type SwarmImages,
  type SwarmImagesArgs,
  swarmImages,
} from "./images/images";
export type { S3Args } from "./spark/s3";
export { Spark, type SparkArgs } from "./spark/spark";
export { Swarm, type SwarmArgs, type SwarmManager } from "./swarm/swarm";
export { type ComposeStack, readCompose } from "./swarm-stack/compose/read";
export type { ReadOptions } from "./swarm-stack/compose/reading";
export { type Registry, SwarmStack, type SwarmStackArgs } from "./swarm-stack/swarm-stack";
