import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { ask, usageSchema } from "../store/ask";
import { isRoot, requireStore, shown, storePath } from "../store/paths";
import { bytes, counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      demandOption: true,
      description: "Files of the cluster's store, or s3a://BUCKET/PATH",
    })
    .option("recursive", {
      alias: "r",
      type: "boolean",
      default: false,
      description: "Also remove folders, with everything in them",
    })
    .usage(
      "$0 rm PATH…\n\nRemoves files from the cluster's store, or its S3. This cannot be undone. If one of them does not exist, nothing is removed.",
    )
    .example("$0 rm -r /data/out", "A folder");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ paths, recursive, stack }: Args): Promise<number> {
  const places = paths.map(storePath);
  const whole = places.find(isRoot);
  if (whole)
    throw new CliError(
      "usage",
      `${whole}: this would remove everything. Name files or folders in it.`,
    );
  const ssh = new Ssh(await readCluster(stack));
  requireStore(ssh.cluster, places);
  const how = recursive ? "recursive" : "files";
  for (const { path, type, files, size } of await ask(ssh, usageSchema, ["rm", how, ...places])) {
    const what = type === "folder" ? `${counted(files, "file")}, ${bytes(size)}` : bytes(size);
    console.log(`${shown(path)}: ${what} removed`);
  }
  return exitCodes.ok;
}
