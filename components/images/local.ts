import { join } from "node:path";
import type { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { localScript } from "../script";
import {
  BASE,
  contextOf,
  extraCertificates,
  type ImageName,
  reference,
  SEED,
  SWARM_IMAGES,
} from "./images";

/**
 * The images of local hosts. Built once per content by this machine's Docker, kept there beyond the
 * stack, and unpacked once for all hosts in a volume, the seed.
 */
export class LocalImages extends ComponentResource {
  /** The image of which hosts are made. */
  readonly host: Output<string>;
  /** The volume with the unpacked images of the Swarm. */
  readonly seed: Output<string>;

  constructor(name: string, opts?: ComponentResourceOptions) {
    super("spark-swarm:images:LocalImages", name, {}, opts);
    const host = this.build(name, "host");
    const swarm = [this.build(name, "spark"), this.build(name, "bastion")];
    const images = Object.values(SWARM_IMAGES);
    const seed = localScript(
      `${name}-seed`,
      {
        script: join(__dirname, "seed.sh"),
        variables: { SEED, HOST_IMAGE: reference("host"), IMAGES: images.join(" ") },
      },
      { parent: this, dependsOn: [host, ...swarm] },
    );
    this.host = host.id.apply(() => reference("host"));
    this.seed = seed.id.apply(() => SEED);
    this.registerOutputs({});
  }

  private build(name: string, image: ImageName): local.Command {
    return localScript(
      `${name}-${image}`,
      {
        script: join(__dirname, "build.sh"),
        variables: {
          IMAGE: reference(image),
          CONTEXT: contextOf(image),
          BASE,
          EXTRA_CA: extraCertificates(),
        },
      },
      { parent: this },
    );
  }
}
