import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { ask, usageSchema } from "../store/ask";
import { requireStore, shown, storePath } from "../store/paths";
import { table } from "../terminal/table";
import { bytes, counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      default: ["/"],
      description: "Files and folders of the cluster's store, or s3a://BUCKET/PATH",
    })
    .option("json", { type: "boolean", description: "Print them as JSON" })
    .usage(
      "$0 du [PATH…]\n\nShows the disk usage of each file and folder in the cluster's store, or its S3: the size of the files, and the size with all copies.",
    )
    .example("$0 du", "The store's disk usage");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ paths, json, stack }: Args): Promise<number> {
  const places = paths.map(storePath);
  const ssh = new Ssh(await readCluster(stack));
  requireStore(ssh.cluster, places);
  const found = await ask(ssh, usageSchema, ["du", ...places]);
  if (json) {
    console.log(JSON.stringify(found));
    return exitCodes.ok;
  }
  const sum = (key: "files" | "size" | "stored") =>
    found.reduce((total, usage) => total + usage[key], 0);
  const total = { path: "all", files: sum("files"), size: sum("size"), stored: sum("stored") };
  const rows = [...found, ...(found.length === 1 ? [] : [total])].map((usage) => [
    bytes(usage.size),
    `${bytes(usage.stored)} with copies`,
    counted(usage.files, "file"),
    shown(usage.path),
  ]);
  console.log(table(rows, ""));
  return exitCodes.ok;
}
