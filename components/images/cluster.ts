import { join } from "node:path";
import { remote } from "@pulumi/command";
import { asset, ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { remoteScript, scriptText } from "../script";
import { buildVariables, extraCertificates, filesOf, type Image, registryImage } from "./images";

/**
 * The images of the Swarm where its hosts can get them: what the manager has already (from a snapshot, or the
 * seed of local hosts) is used as it is; anything else is built there, and served to the other hosts by a
 * registry on the manager. An archive of this machine that goes into one of them is brought there first.
 */
export class ClusterImages extends ComponentResource {
  /** @param args.images each after the one it is built on */
  constructor(
    name: string,
    args: { hosts: Hosts; images: Image[] },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:images:ClusterImages", name, {}, opts);
    const { manager } = args.hosts;
    const archives = args.images.flatMap((image) =>
      image.archive === undefined
        ? []
        : new remote.CopyToRemote(
            `${name}-${image.name}-archive`,
            {
              connection: manager.connection,
              source: new asset.FileAsset(image.archive),
              remotePath: archivePath(image),
              triggers: [manager.id],
            },
            { parent: this, dependsOn: manager.boot },
          ),
    );
    remoteScript(
      `${name}-provide`,
      {
        connection: manager.connection,
        script: join(__dirname, "provide.sh"),
        variables: {
          // It is done anew for another one.
          MANAGER: manager.id,
          BUILD: scriptText(join(__dirname, "build.sh"), {}),
          IMAGES: args.images.map(line).join("\n"),
          REGISTRY: line(registryImage()),
          TIMEOUT: 300,
          EXTRA_CA: extraCertificates(),
        },
      },
      { parent: this, dependsOn: [manager.boot, ...archives] },
    );
    this.registerOutputs({});
  }
}

/** What provide.sh needs to know of an image. */
function line(image: Image): string {
  const { IMAGE, BASE, ARGS } = buildVariables(image);
  const files = filesOf(image).map(({ name, text }) => `${name}=${base64(text)}`);
  const archive = image.archive === undefined ? "-" : archivePath(image);
  // With a line's end, or the word would be missing where there are no arguments.
  return [IMAGE, BASE, base64(`${ARGS}\n`), archive, ...files].join(" ");
}

/** Where the manager has the archive of an image. */
function archivePath({ name }: Image): string {
  return `/root/${name}.zip`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
