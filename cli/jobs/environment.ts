import { join, relative } from "node:path";
import { CliError } from "../errors";
import type { Parcel } from "./files";
import { type Metadata, metadataOf } from "./metadata";
import { MAIN, readRequirements } from "./requirements";

/** Where the manager finds the input for an environment, in a job's directory; see environment.sh. */
const FOLDER = "environment";
/** The archive that the manager creates, and its folder. */
const ARCHIVE = "/job/archives/python-environment/python-environment.tar.gz#python-environment";
/** pip's own variables for the location of packages; their values may contain passwords. */
const INDEX = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST"] as const;

/** Where a job's packages are named. */
export type Wanted = { requirements: string } | { metadata: Metadata };

/**
 * Finds where a job's packages are named: in the user's file, in the job, or in a pyproject.toml beside it.
 *
 * @param python whether the job's settings name another Python
 * @param archives whether it has archives, of which one may be an environment
 * @throws CliError when there are both a file and another Python
 */
export function wantedBy(
  job: string | undefined,
  requirements: string | undefined,
  python: boolean,
  archives: boolean,
): Wanted | undefined {
  if (requirements !== undefined) {
    if (!python) return { requirements };
    throw new CliError(
      "usage",
      "--requirements and spark.pyspark.python both choose a Python environment: give only one of them.",
    );
  }
  const metadata = job === undefined || python || archives ? undefined : metadataOf(job);
  return metadata && { metadata };
}

/** Sends the input for an environment. Returns an entry for --archives, which exists when the driver starts. */
export function placeEnvironment(wanted: Wanted, parcel: Parcel): string {
  const put = (name: string, text: string) =>
    parcel.texts.push({ sent: `${FOLDER}/${name}`, text });
  if ("requirements" in wanted) {
    const { texts, files } = readRequirements(wanted.requirements);
    for (const [name, text] of texts) put(name, text);
    for (const { local, name, size } of files) {
      parcel.files.push({ local, sent: `${FOLDER}/${name}` });
      parcel.listing.push({ name: relative("", local), as: "for pip", size });
    }
    const size = Buffer.byteLength(texts.get(MAIN) ?? "");
    parcel.listing.push({ name: wanted.requirements, as: "for pip", size });
  } else {
    const { source, dependencies, requiresPython } = wanted.metadata;
    put(MAIN, `${dependencies.join("\n")}\n`);
    if (requiresPython !== undefined) put("requires-python", `${requiresPython}\n${source}\n`);
    const as =
      dependencies.length === 1 ? "1 package by pip" : `${dependencies.length} packages by pip`;
    parcel.listing.push({ name: `dependencies of ${source}`, as, size: 0 });
  }
  const config = pipConfig(process.env);
  if (config) put("pip.conf", config);
  for (const name of ["environment.sh", "environment.py"]) {
    parcel.files.push({ local: join(__dirname, name), sent: `tool/${name}` });
  }
  return ARCHIVE;
}

/** pip's package locations from the user's environment. */
export function pipConfig(environment: NodeJS.ProcessEnv): string | undefined {
  const lines = INDEX.flatMap((name) => {
    const value = environment[name]?.trim().replace(/\s+/g, " ");
    return value
      ? [`${name.slice("PIP_".length).toLowerCase().replaceAll("_", "-")} = ${value}`]
      : [];
  });
  return lines.length > 0 ? `[global]\n${lines.join("\n")}\n` : undefined;
}
