import { join } from "node:path";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { localScript } from "../script";
import { buildVariables, type Image } from "./images";

/**
 * Images on local hosts that are there already: built by this machine's Docker, and loaded into each host's. The seed is
 * for those that hosts are made with: a change of it replaces them.
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
