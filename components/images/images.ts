import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const BASE = "debian:bookworm-slim";
const FOLDERS = join(__dirname, "..", "..", "images");
/** Where Debian and Ubuntu keep the certificate authorities that an administrator added. */
const EXTRA_CA_FOLDER = "/usr/local/share/ca-certificates";
/**
 * The cluster's own registry, by a name that only its hosts know: were an image missing, nobody else could
 * supply it.
 */
const REGISTRY = "manager:5000";

/** An image that is built from a folder of this project. */
export interface Image {
  /** The folder's name. */
  name: string;
  /** Its name with a digest of what goes into it: known before it is built. */
  reference: string;
  folder: string;
  /** The image that it is built on. */
  base: string;
  /** Build arguments. */
  args: Record<string, string>;
}

/** The images that run in the Swarm, each after the one it is built on. */
export function swarmImages(): { spark: Image; bastion: Image } {
  return { spark: image("spark"), bastion: image("bastion") };
}

/** The machine that a local host is. */
export const hostImage = () => image("host", { repository: "spark-swarm" });
/** What serves images that were built on the manager to the other hosts. */
export const registryImage = () => image("registry");

/** The volume in which images are unpacked, for hosts that share this machine's Docker engine; see seed.sh. */
export function seedOf(images: Image[]): string {
  return `spark-swarm-seed-${digest([hostImage(), ...images].map(({ reference }) => reference))}`;
}

function image(
  name: string,
  { base = BASE, args = {} as Record<string, string>, repository = REGISTRY } = {},
): Image {
  const folder = join(FOLDERS, name);
  const content = filesOf({ folder }).flatMap((file) => [file.name, file.text]);
  const tag = digest([base, extraCertificates(), ...Object.entries(args).flat(), ...content]);
  return { name, reference: `${repository}/${name}:${tag}`, folder, base, args };
}

/** The files of an image's folder, by name. */
export function filesOf({ folder }: { folder: string }): { name: string; text: string }[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

/** What build.sh is told of an image, but for where its folder is. */
export function buildVariables({ reference, base, args }: Image) {
  return {
    IMAGE: reference,
    BASE: base,
    ARGS: Object.entries(args)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
    EXTRA_CA: extraCertificates(),
  };
}

/** Certificate authorities to trust while an image is built: a company's proxy may need them. */
export function extraCertificates(): string {
  if (!existsSync(EXTRA_CA_FOLDER)) return "";
  return readdirSync(EXTRA_CA_FOLDER)
    .filter((file) => file.endsWith(".crt"))
    .sort()
    .map((file) => readFileSync(join(EXTRA_CA_FOLDER, file), "utf8"))
    .join("\n");
}

/** Twelve digits tell a few hundred images apart with certainty enough. */
export function digest(parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
}
