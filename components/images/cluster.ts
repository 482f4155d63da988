import { join } from "node:path";
import { remote } from "@pulumi/command";
import { asset, ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { remoteScript } from "../script";
import { buildArchive } from "./archive";
import { type Image, registryImage } from "./images";

/** The path on the manager of the archive of all builds. */
const BUILDS = "/root/images.tar";

export interface ClusterImagesArgs {
  /** The hosts that need the images. */
  hosts: Hosts;
  /** The images, each after the one it is built on. */
  images: Image[];
}

/**
 * Makes the Swarm's images available to its hosts. Images that the manager has already (from a snapshot, or the seed of
 * local hosts) are used as they are. All others are built on the manager, from files that are copied there first, and a
 * registry there serves them to the other hosts.
 *
 * @example
 * ```ts
 * import { ClusterImages, type Hosts, imageOf, Swarm, SwarmStack } from "spark-swarm";
 *
 * export function webOn(hosts: Hosts) {
 *   const web = imageOf("web");
 *   const images = new ClusterImages("images", { hosts, images: [web] });
 *   return new SwarmStack(
 *     "web",
 *     {
 *       swarm: new Swarm("swarm", { hosts }),
 *       stackName: "web",
 *       compose: { version: "3.8", services: { web: { image: web.reference } } },
 *     },
 *     { dependsOn: images },
 *   );
 * }
 * ```
 */
export class ClusterImages extends ComponentResource {
  constructor(name: string, args: ClusterImagesArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:images:ClusterImages", name, {}, opts);
    const { manager, haveImages = false } = args.hosts;
    const copy = (what: string, path: string | Promise<string>, remotePath: string) =>
      new remote.CopyToRemote(
        `${name}-${what}`,
        {
          connection: manager.connection,
          source: new asset.FileAsset(path),
          remotePath,
          triggers: [manager.id],
        },
        { parent: this, dependsOn: manager.boot },
      );
    const copyAll = () => {
      const builds = buildArchive([registryImage(), ...args.images], archivePath);
      const path = builds.then((built) => built.path);
      const archives = args.images.flatMap((image) =>
        image.archive === undefined
          ? []
          : [copy(`${image.name}-archive`, image.archive, archivePath(image))],
      );
      return {
        copies: [copy("builds", path, BUILDS), ...archives],
        variables: { BUILDS, DIGEST: builds.then(({ sha256 }) => sha256) },
      };
    };
    const { copies, variables } = haveImages
      ? { copies: [], variables: { BUILDS: "" } }
      : copyAll();
    remoteScript(
      `${name}-provide`,
      {
        connection: manager.connection,
        script: join(__dirname, "provide.sh"),
        variables: {
          // It runs again for another manager.
          MANAGER: manager.id,
          IMAGES: args.images.map(({ reference }) => reference).join(" "),
          REGISTRY: registryImage().reference,
          ...variables,
          TIMEOUT: 300,
        },
      },
      { parent: this, dependsOn: [manager.boot, ...copies] },
    );
    this.registerOutputs({});
  }
}

/** The path on the manager of an image's archive. */
function archivePath({ name }: Image): string {
  return `/root/${name}.zip`;
}
