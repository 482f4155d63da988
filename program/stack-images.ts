import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { BASE, type Image, imageOf } from "../components/images/images";
import type { Build } from "../components/swarm-stack/compose/reading";

/**
 * The image that a Compose file's `build` asks for, built like the cluster's own images.
 *
 * @throws Error that says what cannot be built
 */
export function imageToBuild({ context, dockerfile = "Dockerfile", args }: Build): Image {
  if (!statSync(context, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`there is no folder ${context}: create it; only local folders are built`);
  }
  if (dockerfile !== "Dockerfile") {
    throw new Error(
      `${dockerfile} was given; the file must be called Dockerfile, in the folder itself`,
    );
  }
  const path = join(context, dockerfile);
  if (!existsSync(path)) throw new Error(`there is no file ${path}: create it`);
  if (!/^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(basename(context))) {
    throw new Error(
      `${basename(context)} cannot be the name of an image: rename the folder, with only lower-case letters, digits and . _ -`,
    );
  }
  // Our builds always set the argument BASE. A Dockerfile with its own BASE keeps its value.
  const [, own] = /^\s*ARG\s+BASE=["']?([^\s"']+)/im.exec(readFileSync(path, "utf8")) ?? [];
  return imageOf(context, { base: args.BASE ?? own ?? BASE, args });
}
