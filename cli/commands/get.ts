import { resolve } from "node:path";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { fetch } from "../store/fetch";
import { fetchAsOne, formatOf } from "../store/fetch-as-one";
import { requireNames, requireStore, storePath } from "../store/paths";
import { bytes, counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      demandOption: true,
      description: "Files and folders of the cluster's store, or s3a://BUCKET/PATH",
    })
    .option("to", {
      type: "string",
      requiresArg: true,
      default: ".",
      description: "The local folder to put them in",
    })
    .option("as", {
      type: "string",
      requiresArg: true,
      description: "Combine a folder's part files into one file: NAME.csv, .json or .parquet",
    })
    .option("header", {
      type: "boolean",
      description:
        "Whether each CSV part begins with a header (default: yes if several parts all begin with the same line)",
    })
    .option("force", {
      type: "boolean",
      default: false,
      description: "Overwrite local files",
    })
    .usage(
      "$0 get PATH… [--to DIR]\n\nFetches files and folders from the cluster's store, or its S3. /data/out becomes DIR/out once all of it has arrived.",
    )
    .example("$0 get /data/out --to results", "The folder results/out")
    .example("$0 get /data/out --as out.csv", "Its part files as one file");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ paths, to, as, header, force, stack }: Args): Promise<number> {
  const places = paths.map(storePath);
  if (as !== undefined) return asOne(places, { to, as, header, force, stack });
  if (header !== undefined) throw new CliError("usage", "--header needs --as NAME.csv.");
  requireNames(places);
  const ssh = new Ssh(await readCluster(stack));
  requireStore(ssh.cluster, places);
  const folder = resolve(to);
  const arrived = await fetch(ssh, places, folder, force);
  const files = arrived.filter(({ type }) => type === "file");
  const size = files.reduce((sum, file) => sum + file.size, 0);
  console.error(`${counted(files.length, "file")}, ${bytes(size)}, in ${folder}.`);
  return exitCodes.ok;
}

async function asOne(
  places: string[],
  {
    to,
    as,
    header,
    force,
    stack,
  }: Pick<Args, "to" | "header" | "force" | "stack"> & { as: string },
): Promise<number> {
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) {
    throw new CliError("usage", "--as combines one folder: give exactly one PATH.");
  }
  const format = formatOf(as);
  const ssh = new Ssh(await readCluster(stack));
  requireStore(ssh.cluster, [place]);
  const file = resolve(to, as);
  const size = await fetchAsOne(ssh, place, file, { format, header, force });
  console.error(`${file}: ${bytes(size)}.`);
  return exitCodes.ok;
}
