import { join } from "node:path";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { localScript } from "../script";
import { buildVariables, type Image } from "./images";

/**
 * Images for local hosts that exist already: this machine's Docker builds them, and each host's Docker loads them. The
 * seed is only for images that hosts are created with: a change of the seed replaces the hosts.
 */
export class LoadedImages extends ComponentResource {
  constructor(
    name: string,
    { hosts, images }: { hosts: Hosts; images: Image[] },
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:images:LoadedImages", name, {}, opts);
    const built = images.map((image) =>
      localScript(
        `${name}-${image.reference.replace(/^.*\//, "").replace(":", "-")}`,
        {
          script: join(__dirname, "build.sh"),
          variables: {
            ...buildVariables(image),
            CONTEXT: image.folder,
            ARCHIVE: image.archive ?? "",
          },
        },
        { parent: this },
      ),
    );
    const references = images.map(({ reference }) => reference).join(" ");
    for (const host of [hosts.manager, ...hosts.workers]) {
      localScript(
        `${name}-${host.name}`,
        { script: join(__dirname, "load.sh"), variables: { IMAGES: references, HOST: host.id } },
        { parent: this, dependsOn: [...built, hosts.manager.boot] },
      );
    }
    this.registerOutputs({});
  }
}
