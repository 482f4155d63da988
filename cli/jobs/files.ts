import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { CliError } from "../errors";

/** The lists of files that spark-submit takes. */
export const fileLists = ["py-files", "files", "jars"] as const;
export type FileList = (typeof fileLists)[number];

/** A local file to send, and its path in the job's directory. */
export interface JobFile {
  local: string;
  sent: string;
}

/** Whether a name is an address that Spark fetches itself: `local:///…`, `s3a://…`. */
export const isAddress = (name: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(name);

/**
 * The options of spark-submit, and what must be sent for them to be true: local files become paths in the
 * job's directory, /job in the driver's container; addresses stay.
 */
export function jobFiles(
  file: string,
  lists: Partial<Record<FileList, string>>,
): { file: string; lists: Partial<Record<FileList, string>>; send: JobFile[] } {
  const send: JobFile[] = [];
  const place = (name: string, directory: string): string => {
    if (isAddress(name)) return name;
    // `settings.json#other-name`, which Spark knows from YARN: here the file is sent under that name.
    const [path = "", alias] = name.split("#");
    const local = resolve(path);
    requireFile(local, path);
    const sent = `${directory}/${alias || basename(local)}`;
    if (send.some((other) => other.sent === sent)) {
      throw new CliError("usage", `Two files for ${directory} have the name ${basename(sent)}.`);
    }
    send.push({ local, sent });
    return `/job/${sent}`;
  };
  if (!/\.(py|jar|zip|egg)$/.test(file)) {
    throw new CliError("usage", `${file}: a job is a Python file (.py) or a jar (.jar).`);
  }
  const placed: Partial<Record<FileList, string>> = {};
  for (const list of fileLists) {
    const names = lists[list]?.split(",").filter(Boolean);
    if (names) placed[list] = names.map((name) => place(name, list)).join(",");
  }
  return { file: place(file, "main"), lists: placed, send };
}

function requireFile(path: string, name: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return;
  const hint = name.startsWith("/data/") ? ` On the cluster's hosts it is local://${name}.` : "";
  throw new CliError(
    "missingFile",
    stat ? `${name} is not a file.` : `There is no file ${name} here.${hint}`,
  );
}
