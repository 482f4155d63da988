/**
 * Components for Pulumi programs. Hosts are in entry points of their own, `spark-swarm/local`, `spark-swarm/digitalocean`
 * and `spark-swarm/aws`, since each needs the Pulumi package of its cloud.
 */
export { Bastion } from "./bastion/bastion";
export type { Host, HostSize, Hosts, Manager } from "./hosts/contract";
export { ClusterImages } from "./images/cluster";
export {
  type Image,
  type ImageOptions,
  imageOf,
  type SwarmImages,
  type SwarmImagesArgs,
  swarmImages,
} from "./images/images";
export { Spark } from "./spark/spark";
export { Swarm, type SwarmManager } from "./swarm/swarm";
export { SwarmStack, type SwarmStackArgs } from "./swarm-stack/swarm-stack";
