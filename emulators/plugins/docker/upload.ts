import { readFileSync } from "node:fs";

/** A file that a container has from the start. */
export interface Upload {
  file: string;
  content?: string;
  contentBase64?: string;
  executable?: boolean;
  permissions?: string;
  source?: string;
}

/** Tar's block, and the fields of its header that a single file needs. */
const BLOCK = 512;
const HEADER = { name: 0, mode: 100, size: 124, time: 136, checksum: 148, type: 156 };
const LONGEST_NAME = 100;

/** The upload as a tar archive, the form in which the daemon takes files. */
export function uploadArchive(upload: Upload): Buffer {
  const content = contentOf(upload);
  const name = Buffer.from(upload.file.replace(/^\//, ""));
  if (name.length >= LONGEST_NAME) throw new Error(`the path ${upload.file} is too long to upload`);
  const header = Buffer.alloc(BLOCK);
  const octal = (at: number, digits: number, value: number) =>
    header.write(value.toString(8).padStart(digits, "0"), at);
  name.copy(header, HEADER.name);
  octal(HEADER.mode, 7, modeOf(upload));
  octal(HEADER.size, 11, content.length);
  octal(HEADER.time, 11, Math.floor(Date.now() / 1000));
  header.write("0", HEADER.type);
  header.fill(" ", HEADER.checksum, HEADER.checksum + 8);
  octal(
    HEADER.checksum,
    6,
    header.reduce((sum, byte) => sum + byte, 0),
  );
  header[HEADER.checksum + 6] = 0;
  const padding = Buffer.alloc(((BLOCK - (content.length % BLOCK)) % BLOCK) + 2 * BLOCK);
  return Buffer.concat([header, content, padding]);
}

function contentOf({ content, contentBase64, source }: Upload): Buffer {
  if (source) return readFileSync(source);
  return contentBase64 ? Buffer.from(contentBase64, "base64") : Buffer.from(content ?? "");
}

function modeOf({ permissions, executable }: Upload): number {
  if (permissions) return Number.parseInt(permissions, 8);
  return executable ? 0o744 : 0o644;
}
