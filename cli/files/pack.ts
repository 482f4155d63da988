import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "../errors";
import type { JobFile } from "../jobs/files";
import { run, start } from "../programs";

/** tar without the extended attributes that macOS adds as files of their own. */
const tarEnvironment = { ...process.env, COPYFILE_DISABLE: "1" };

/** Starts packing a directory's entries to standard output; links are followed. */
export function startTar(entries: { directory: string; name: string }[]) {
  const members = entries.flatMap(({ directory, name }) => ["-C", directory, `./${name}`]);
  return start("tar", ["-c", "-h", "-f", "-", ...members], {
    env: tarEnvironment,
    stdin: "ignore",
    buffer: { stdout: false },
  });
}

/** Packs a job's files below `staging`, a directory of ours; the tar file and its size. */
export async function packJob(
  staging: string,
  files: JobFile[],
): Promise<{ tar: string; size: number }> {
  const tree = join(staging, "job");
  mkdirSync(tree);
  for (const { local, sent } of files) {
    mkdirSync(dirname(join(tree, sent)), { recursive: true });
    symlinkSync(local, join(tree, sent));
  }
  const tar = join(staging, "job.tar");
  const { status, stderr } = await run("tar", ["-c", "-h", "-f", tar, "-C", tree, "."], {
    env: tarEnvironment,
  });
  if (status !== 0) {
    throw new CliError("missingFile", `The job's files cannot be packed: ${stderr.trim()}`);
  }
  return { tar, size: statSync(tar).size };
}
