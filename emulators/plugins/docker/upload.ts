import { readFileSync } from "node:fs";

/** A file that is in a container from the start. */
export interface Upload {
  file: string;
  content?: string;
  contentBase64?: string;
  executable?: boolean;
  permissions?: string;
  source?: string;
}

/** Tar's block. */
const BLOCK = 512;

/** The upload as a tar archive, as the daemon requires. */
export function uploadArchive(upload: Upload): Buffer {
  // Loaded on first use: plugins must start quickly.
  const { Header } = require("tar") as typeof import("tar");
  const content = contentOf(upload);
  const header = new Header({
    type: "File",
    path: upload.file.replace(/^\//, ""),
    mode: modeOf(upload),
    size: content.length,
    mtime: new Date(),
  });
  if (header.encode()) throw new Error(`the path ${upload.file} is too long to upload`);
  const padding = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return Buffer.concat([
    header.block ?? Buffer.alloc(0),
    content,
    Buffer.alloc(padding + 2 * BLOCK),
  ]);
}

function contentOf({ content, contentBase64, source }: Upload): Buffer {
  if (source) return readFileSync(source);
  return contentBase64 ? Buffer.from(contentBase64, "base64") : Buffer.from(content ?? "");
}

function modeOf({ permissions, executable }: Upload): number {
  if (permissions) return Number.parseInt(permissions, 8);
  return executable ? 0o744 : 0o644;
}
