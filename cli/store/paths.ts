import { posix } from "node:path";
import { FOLDERS } from "../../components/facts";
import type { Cluster } from "../../program/outputs";
import { CliError } from "../errors";

const S3 = /^s3a?:\/\/([^/]+)(\/.*)?$/;
const HDFS = /^hdfs:\/\/[^/]*(\/.*)$/;

/** A path in one of the cluster's stores as its programs know it: `/data/out`, or `s3a://bucket/out`. */
export function storePath(text: string): string {
  const [, bucket, key = ""] = S3.exec(text) ?? [];
  // Keys have no `..`, and a folder's trailing slash has no meaning.
  if (bucket) return `s3a://${bucket}${key.replace(/\/+$/, "")}`;
  const [, path = text] = HDFS.exec(text) ?? [];
  if (path.startsWith("/")) return posix.normalize(path).replace(/(.)\/+$/, "$1");
  throw new CliError(
    "usage",
    `${text}: give a path in the cluster's store, such as /data/out, or s3a://BUCKET/PATH.`,
  );
}

export const isS3 = (path: string): boolean => path.startsWith("s3a://");

/** Whether it is a whole store. */
export const isRoot = (path: string): boolean => path === "/" || /^s3a:\/\/[^/]+$/.test(path);

/** Refuses paths of a store that the cluster does not have. Only its containers know which S3 it has. */
export function requireStore({ storage }: Cluster, paths: string[]): void {
  const [path] = paths.filter((path) => !isS3(path));
  if (storage === "hdfs" || path === undefined) return;
  throw new CliError(
    "usage",
    `${path}: this cluster has no store (storage: none). Use s3a://BUCKET/PATH.`,
  );
}

/** Whether files for a folder go into a store, or under /data on every host. */
export const inStore = ({ storage }: Cluster, folder: string): boolean =>
  storage === "hdfs" || S3.test(folder);

/** The folder that files are copied to; a relative name is below /data. */
export const targetFolder = (to: string): string =>
  storePath(S3.test(to) || HDFS.test(to) ? to : posix.resolve(FOLDERS.data, to));

/** Refuses two paths that would arrive under one name. */
export function requireNames(paths: string[]): void {
  const whole = paths.find(isRoot);
  if (whole) throw new CliError("usage", `${whole}: name files or folders in it.`);
  const names = paths.map((path) => posix.basename(path));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    throw new CliError(
      "usage",
      `Two of the paths have the name ${twice}. Get them with different --to.`,
    );
  }
}

/** A name that is safe to print: a line break or an escape sequence in it would reach the terminal. */
export const shown = (path: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  path.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
