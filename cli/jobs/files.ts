import { statSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { CliError } from "../errors";
import { filesOfFolder, sizeOf } from "./folders";
import { isPackage, type Modules } from "./modules";
import { inJob, isAddress, namesOf, requireServable } from "./names";

/** The lists of files that spark-submit takes. */
export const fileLists = ["py-files", "files", "archives", "jars"] as const;
export type FileList = (typeof fileLists)[number];

/** A local file to send, and its path in the job's directory. */
export interface JobFile {
  local: string;
  sent: string;
}

/** Everything that is sent with a job. */
export interface Parcel {
  files: JobFile[];
  /** Zips that are created here. */
  zips: { sent: string; files: { local: string; name: string }[] }[];
  /** Files that are created here. */
  texts: { sent: string; text: string }[];
  /** What a user is shown: a name, its use, a size in bytes. */
  listing: { name: string; as: string; size: number }[];
}

export const emptyParcel = (): Parcel => ({ files: [], zips: [], texts: [], listing: [] });

const ARCHIVE = /\.(tar\.gz|tgz|tar|zip|jar)$/;
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * The lists for spark-submit; adds the files that they need to `parcel`. Local files become paths in the job's
 * directory, /job in the driver's container; addresses stay.
 */
export function placeLists(
  lists: Partial<Record<FileList, string>>,
  parcel: Parcel,
): Partial<Record<FileList, string>> {
  const placed: Partial<Record<FileList, string[]>> = {};
  // Spark serves all of these to executors by their names alone.
  const taken = new Set<string>();
  const add = (list: FileList, word: string) => {
    placed[list] = [...(placed[list] ?? []), word];
  };
  const claim = (sent: string): string => {
    const name = basename(sent);
    if (taken.has(name))
      throw new CliError("usage", `Two of the job's files have the name ${name}.`);
    taken.add(name);
    return sent;
  };
  for (const list of fileLists) {
    for (const { path, alias } of namesOf(lists[list] ?? "", `--${list}`)) {
      if (isAddress(path)) {
        add(list, alias ? `${path}#${alias}` : path);
        continue;
      }
      const name = alias ?? basename(resolve(path));
      const folder = statSync(path).isDirectory();
      requireServable(name, `--${list}`, list === "archives" || (folder && list === "files"));
      if (folder && (list === "files" || list === "archives")) {
        const sent = claim(`archives/${name}/${name}.zip`);
        sendFolder(path, sent, "", `the folder ${name}`, parcel);
        add("archives", `${inJob(sent)}#${encodeURIComponent(name)}`);
      } else if (folder && list === "py-files") {
        const sent = claim(`py-files/${name}.zip`);
        const packages = isFolderOfPackages(path);
        const as = packages ? "the modules in it" : `the package ${name}`;
        sendFolder(path, sent, packages ? "" : `${name}/`, as, parcel);
        add(list, inJob(sent));
      } else if (folder) {
        throw new CliError(
          "usage",
          `--${list} ${path} is a folder: name its files, ${path}/*.jar.`,
        );
      } else {
        requireKind(list, path);
        const sent = claim(list === "archives" ? archivePath(path, name) : `${list}/${name}`);
        sendFile(path, sent, list === "archives" ? `the folder ${name}` : "", parcel);
        add(list, list === "archives" ? `${inJob(sent)}#${encodeURIComponent(name)}` : inJob(sent));
      }
    }
  }
  return Object.fromEntries(Object.entries(placed).map(([list, words]) => [list, words.join(",")]));
}

/** Sends the job's own file if it is local. Returns its name for spark-submit. */
export function placeMain(file: string, parcel: Parcel): string {
  if (!/\.(py|jar|zip|egg)$/.test(file)) {
    throw new CliError("usage", `${file}: a job is a Python file (.py) or a jar (.jar).`);
  }
  if (isAddress(file)) return file;
  const local = namesOf(file, "", { single: true })[0]?.path ?? file;
  if (statSync(local).isDirectory()) throw new CliError("missingFile", `${file} is not a file.`);
  const sent = `main/${basename(file)}`;
  sendFile(local, sent, "the job", parcel);
  return inJob(sent);
}

export function sendFile(path: string, sent: string, as: string, parcel: Parcel): void {
  const local = resolve(path);
  parcel.files.push({ local, sent });
  parcel.listing.push({ name: path, as, size: statSync(local).size });
}

function sendFolder(path: string, sent: string, prefix: string, as: string, parcel: Parcel): void {
  const files = filesOfFolder(path);
  parcel.zips.push({
    sent,
    files: files.map(({ local, name }) => ({ local, name: `${prefix}${name}` })),
  });
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  parcel.listing.push({
    name: `${path.replace(/\/+$/, "")}/ (${count})`,
    as,
    size: sizeOf(files),
  });
}

/**
 * Sends the modules beside a job: as files for the driver, as a zip for executors. Returns the zip's entry for
 * --py-files.
 */
export function sendModules({ beside }: Modules, parcel: Parcel): string | undefined {
  const sent = "py-files/modules-beside-the-job.zip";
  const files = [...beside.values()].flat();
  if (files.length === 0) return undefined;
  for (const { local, name } of files) parcel.files.push({ local, sent: `main/${name}` });
  parcel.zips.push({ sent, files });
  for (const [name, of] of beside) {
    parcel.listing.push({ name, as: "a module beside the job", size: sizeOf(of) });
  }
  return inJob(sent);
}

/** A folder that is no package itself but contains some: `src` of a project. */
function isFolderOfPackages(path: string): boolean {
  const name = basename(resolve(path));
  if (!IDENTIFIER.test(name)) return true;
  return !isPackage(path) || !filesOfFolder(path).some((file) => /^[^/]+\.py$/.test(file.name));
}

/** A path with the target's name: two archives may have the same name here. */
function archivePath(path: string, name: string): string {
  const ending = ARCHIVE.exec(path)?.[0] ?? "";
  return `archives/${name}/${name.endsWith(ending) ? name : `${name}${ending}`}`;
}

function requireKind(list: FileList, path: string): void {
  if (list === "archives" && !ARCHIVE.test(path)) {
    throw new CliError(
      "usage",
      `--archives ${path}: Spark unpacks .tar.gz, .tgz, .tar, .zip and .jar.`,
    );
  }
  if (list !== "py-files" || /\.(py|zip|egg|jar)$/.test(path)) return;
  const hint = extname(path) === ".whl" ? " A wheel is a line in the file of --requirements." : "";
  throw new CliError(
    "usage",
    `--py-files ${path}: it takes Python files (.py), folders, .zip and .egg.${hint}`,
  );
}
