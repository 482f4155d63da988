import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { localScript } from "../script";

type ImageName = "host" | "spark" | "bastion";

const BASE = "debian:bookworm-slim";
const CONTEXTS = join(__dirname, "..", "..", "images");
/** Where Debian and Ubuntu keep the certificate authorities that an administrator added. */
const EXTRA_CA_FOLDER = "/usr/local/share/ca-certificates";

/** References to the images that run in the Swarm: known beforehand, since a tag names its content. */
export const SWARM_IMAGES = { spark: reference("spark"), bastion: reference("bastion") };

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
    const seedName = `spark-swarm-seed-${digest([reference("host"), ...images])}`;
    const seed = localScript(
      `${name}-seed`,
      {
        script: join(__dirname, "seed.sh"),
        variables: { SEED: seedName, HOST_IMAGE: reference("host"), IMAGES: images.join(" ") },
      },
      { parent: this, dependsOn: [host, ...swarm] },
    );
    this.host = host.id.apply(() => reference("host"));
    this.seed = seed.id.apply(() => seedName);
    this.registerOutputs({});
  }

  private build(name: string, image: ImageName): local.Command {
    return localScript(
      `${name}-${image}`,
      {
        script: join(__dirname, "build.sh"),
        variables: {
          IMAGE: reference(image),
          CONTEXT: join(CONTEXTS, image),
          BASE,
          EXTRA_CA: extraCertificates(),
        },
      },
      { parent: this },
    );
  }
}

function reference(image: ImageName): string {
  const folder = join(CONTEXTS, image);
  const files = readdirSync(folder).sort();
  return `spark-swarm/${image}:${digest([
    BASE,
    extraCertificates(),
    ...files.flatMap((file) => [file, readFileSync(join(folder, file), "utf8")]),
  ])}`;
}

function extraCertificates(): string {
  if (!existsSync(EXTRA_CA_FOLDER)) return "";
  return readdirSync(EXTRA_CA_FOLDER)
    .filter((file) => file.endsWith(".crt"))
    .sort()
    .map((file) => readFileSync(join(EXTRA_CA_FOLDER, file), "utf8"))
    .join("\n");
}

/** Twelve digits tell a few hundred images apart with certainty enough. */
function digest(parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
}
