import { join } from "node:path";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Hosts } from "../hosts/contract";
import { remoteScript, scriptText } from "../script";
import { BASE, extraCertificates, filesOf, type ImageName, reference } from "./images";

/**
 * The images of the Swarm where its hosts can get them: what the manager has already (from a snapshot, or the
 * seed of local hosts) is used as it is; anything else is built there, and served to the other hosts by a
 * registry on the manager.
 */
export class ClusterImages extends ComponentResource {
  constructor(name: string, args: { hosts: Hosts }, opts?: ComponentResourceOptions) {
    super("spark-swarm:images:ClusterImages", name, {}, opts);
    const { manager } = args.hosts;
    remoteScript(
      `${name}-provide`,
      {
        connection: manager.connection,
        script: join(__dirname, "provide.sh"),
        variables: {
          // It is done anew for another one.
          MANAGER: manager.id,
          BUILD: scriptText(join(__dirname, "build.sh"), {}),
          SPARK: reference("spark"),
          BASTION: reference("bastion"),
          REGISTRY: reference("registry"),
          SPARK_FILES: archive("spark"),
          BASTION_FILES: archive("bastion"),
          REGISTRY_FILES: archive("registry"),
          BASE,
          TIMEOUT: 300,
          EXTRA_CA: extraCertificates(),
        },
      },
      { parent: this, dependsOn: manager.boot },
    );
    this.registerOutputs({});
  }
}

/** A line "NAME BASE64" for each file. */
function archive(image: ImageName): string {
  return filesOf(image)
    .map(({ name, text }) => `${name} ${Buffer.from(text).toString("base64")}`)
    .join("\n");
}
