import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { entries } from "../store/ask";
import { requireStore, shown, storePath } from "../store/paths";
import { table } from "../terminal/table";
import { bytes, localTime } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      default: ["/"],
      description: "Files and folders of the cluster's store, or s3a://BUCKET/PATH",
    })
    .option("json", { type: "boolean", description: "Print them as JSON" })
    .usage("$0 ls [PATH…]\n\nLists files and folders in the cluster's store, or its S3.")
    .example("$0 ls /data", "List /data")
    .example("$0 ls s3a://lake/2026", "List a folder in a bucket");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ paths, json, stack }: Args): Promise<number> {
  const places = paths.map(storePath);
  const ssh = new Ssh(await readCluster(stack));
  requireStore(ssh.cluster, places);
  const found = await entries(ssh, places);
  if (json) {
    console.log(JSON.stringify(found));
  } else if (found.length > 0) {
    const rows = found.map(({ path, type, size, modified }) => [
      localTime(new Date(modified)),
      type === "folder" ? "" : bytes(size),
      type === "folder" ? `${shown(path)}/` : shown(path),
    ]);
    console.log(table(rows, ""));
  }
  return exitCodes.ok;
}
