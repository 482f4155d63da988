import { join } from "node:path";
import type { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  secret,
} from "@pulumi/pulumi";
import { localScript } from "../script";
import { buildVariables, hostImage, type Image, seedOf } from "./images";

/**
 * The images of local hosts. This machine's Docker builds them once per content and keeps them beyond the stack. They
 * are unpacked once for all hosts in a volume, the seed.
 */
export class LocalImages extends ComponentResource {
  /** The image of the hosts themselves. */
  readonly host: Output<string>;
  /** The volume with the unpacked images of the Swarm. */
  readonly seed: Output<string>;

  /** @param args.images those that run in the Swarm, each after its base image */
  constructor(name: string, args: { images: Image[] }, opts?: ComponentResourceOptions) {
    super("spark-swarm:images:LocalImages", name, {}, opts);
    const { images } = args;
    const built = new Map<string, local.Command>();
    for (const image of [hostImage(), ...images]) {
      const base = built.get(image.base);
      const variables = buildVariables(image);
      const command = localScript(
        `${name}-${image.name}`,
        {
          script: join(__dirname, "build.sh"),
          variables: {
            ...variables,
            SECRET_ARGS: variables.SECRET_ARGS && secret(variables.SECRET_ARGS),
            CONTEXT: image.folder,
            ARCHIVE: image.archive ?? "",
          },
        },
        { parent: this, dependsOn: base ? [base] : [] },
      );
      built.set(image.reference, command);
    }
    const seed = localScript(
      `${name}-seed`,
      {
        script: join(__dirname, "seed.sh"),
        variables: {
          SEED: seedOf(images),
          HOST_IMAGE: hostImage().reference,
          IMAGES: images.map(({ reference }) => reference).join(" "),
        },
      },
      { parent: this, dependsOn: [...built.values()] },
    );
    const [host] = built.values();
    this.host = (host ?? seed).id.apply(() => hostImage().reference);
    this.seed = seed.id.apply(() => seedOf(images));
    this.registerOutputs({});
  }
}
