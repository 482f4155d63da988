import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { withVariables } from "../script";
import { temporaryFolder } from "../temporary-folder";
import { type ContextEntry, contextOf } from "./context";
import { buildVariables, type Image, sha256 } from "./images";

/** A tar archive of names, modes and contents only: the same entries always give the same bytes. */
export async function archiveOf(entries: ContextEntry[]): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date(0);
  for (const { content, ...header } of entries) archive.entry({ ...header, mtime }, content);
  archive.finalize();
  return buffer(archive);
}

/**
 * What a manager needs to build images, as a temporary file of this process. Each image has a folder, named after the
 * last part of its reference, with the build context and a build script.
 *
 * @param archivePath where the manager has {@link Image.archive}
 */
export async function buildArchive(
  images: Image[],
  archivePath: (image: Image) => string,
): Promise<{ path: string; sha256: string }> {
  const script = readFileSync(join(__dirname, "build.sh"), "utf8");
  const content = await archiveOf(
    images.flatMap((image): ContextEntry[] => {
      const build = basename(image.reference);
      const variables = {
        ...buildVariables(image),
        CONTEXT: `${build}/context`,
        ARCHIVE: image.archive === undefined ? "" : archivePath(image),
      };
      const text = Buffer.from(withVariables(script, variables));
      return [
        { name: build, type: "directory", mode: 0o755 },
        { name: `${build}/build.sh`, type: "file", mode: 0o644, content: text },
        { name: `${build}/context`, type: "directory", mode: 0o755 },
        ...contextOf(image.folder, `${build}/context/`),
      ];
    }),
  );
  // Pulumi reads it while the program waits for its resources.
  const path = join(temporaryFolder().path, "images.tar");
  writeFileSync(path, content);
  return { path, sha256: sha256(content) };
}
