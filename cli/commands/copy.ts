import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { exitCodes } from "../exit-codes";
import { requireHostNames, type Source, sources, targetBelowData } from "../files/data-paths";
import { distribute, requireRoom, upload } from "../files/distribute";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { inStore, shown, targetFolder } from "../store/paths";
import { send } from "../store/send";
import { tree } from "../store/tree";
import { bytes, counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      demandOption: true,
      description: "Local files and directories",
    })
    .option("to", {
      type: "string",
      requiresArg: true,
      default: "/data",
      description: "The folder to put them in, or s3a://BUCKET/PATH",
    })
    .option("json", { type: "boolean", description: "Print the result as JSON" })
    .usage(
      "$0 copy FILE… [--to PATH]\n\nCopies files into the cluster's store, or its S3, where every job finds them. In a cluster without a store, copies them to the same path under /data on every host, including hosts that join later. Replaces files of the same name and merges directories. To resume an interrupted copy, run the same command again.",
    )
    .example("$0 copy flights.parquet", "Jobs find it at /data/flights.parquet")
    .example("$0 copy logs/ --to /data/2026", "Jobs find /data/2026/logs");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

/** Files to copy. */
interface Given {
  files: Source[];
  /** The size of all together. */
  size: number;
  to: string;
  json?: boolean;
}

export async function run({ paths, to, json, stack }: Args): Promise<number> {
  const files = sources(paths);
  const size = files.reduce((sum, source) => sum + source.size, 0);
  const ssh = new Ssh(await readCluster(stack));
  const copy = inStore(ssh.cluster, to) ? toStore : toHosts;
  return copy(ssh, { files, size, to, json });
}

async function toStore(ssh: Ssh, { files, size, to, json }: Given): Promise<number> {
  const folder = targetFolder(to);
  const sent = await send(ssh, tree(files), folder);
  const paths = files.map(({ name }) => `${folder.replace(/\/$/, "")}/${name}`);
  if (json) {
    console.log(JSON.stringify({ paths, bytes: size, sent }));
  } else {
    const before = sent < size ? `, of which ${bytes(size - sent)} were already there` : "";
    console.log(`${paths.map(shown).join("\n")}\n${bytes(size)} in the store${before}.`);
  }
  return exitCodes.ok;
}

async function toHosts(ssh: Ssh, { files, size, to, json }: Given): Promise<number> {
  const target = targetBelowData(to);
  requireHostNames(files);
  const failed = await requireRoom(ssh, size);
  await upload(ssh, files, target, size);
  const names = files.map(({ name }) => (target ? `${target}/${name}` : name));
  const workers = ssh.cluster.workers.map(({ name }) => name);
  for (const [host, reason] of await distribute(
    ssh,
    workers.filter((name) => !failed.has(name)),
    names,
  )) {
    failed.set(host, reason);
  }

  const paths = names.map((name) => `/data/${name}`);
  if (json) {
    const hosts = Object.fromEntries(ssh.hosts.map((host) => [host, failed.get(host) ?? "ok"]));
    console.log(JSON.stringify({ paths, bytes: size, hosts }));
  } else {
    const reached = counted(ssh.hosts.length - failed.size, "host");
    console.log(`${paths.join("\n")}\n${bytes(size)} on ${reached}.`);
  }
  for (const [host, reason] of failed) console.error(`spark-swarm: not on ${host}: ${reason}`);
  return failed.size > 0 ? exitCodes.failed : exitCodes.ok;
}
