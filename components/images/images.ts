import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type ImageName = "host" | "spark" | "bastion" | "registry";

export const BASE = "debian:bookworm-slim";
const CONTEXTS = join(__dirname, "..", "..", "images");
/** Where Debian and Ubuntu keep the certificate authorities that an administrator added. */
const EXTRA_CA_FOLDER = "/usr/local/share/ca-certificates";
/**
 * The cluster's own registry, by a name that only its hosts know: were an image missing, nobody else could
 * supply it.
 */
const REGISTRY = "manager:5000";

/** References to the images that run in the Swarm: known beforehand, since a tag names its content. */
export const SWARM_IMAGES = { spark: reference("spark"), bastion: reference("bastion") };

/** The volume in which they are unpacked, for hosts that share this machine's Docker engine; see seed.sh. */
export const SEED = `spark-swarm-seed-${digest([reference("host"), ...Object.values(SWARM_IMAGES)])}`;

/** The folder that an image is built from. */
export function contextOf(image: ImageName): string {
  return join(CONTEXTS, image);
}

/** An image's name with a digest of what goes into it. */
export function reference(image: ImageName): string {
  const content = filesOf(image).flatMap(({ name, text }) => [name, text]);
  const tag = digest([BASE, extraCertificates(), ...content]);
  return `${image === "host" ? "spark-swarm" : REGISTRY}/${image}:${tag}`;
}

/** The files of an image's folder, by name. */
export function filesOf(image: ImageName): { name: string; text: string }[] {
  return readdirSync(contextOf(image))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(contextOf(image), name), "utf8") }));
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
