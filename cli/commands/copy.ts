import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { exitCodes } from "../exit-codes";
import { sources, targetBelowData } from "../files/data-paths";
import { distribute, requireRoom, upload } from "../files/distribute";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { bytes, counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("paths", {
      type: "string",
      array: true,
      demandOption: true,
      description: "Files and directories of this machine",
    })
    .option("to", {
      type: "string",
      requiresArg: true,
      default: "/data",
      description: "The directory under /data to put them in",
    })
    .option("json", { type: "boolean", description: "Print the outcome for every host as JSON" })
    .usage(
      "$0 copy FILE… [--to PATH]\n\nPuts files at the same path under /data on every host, for drivers and executors. Replaces files of the same name; directories are merged. Hosts that join later get them too.",
    )
    .example("$0 copy flights.parquet", "Jobs find it at /data/flights.parquet")
    .example("$0 copy logs/ --to /data/2026", "Jobs find /data/2026/logs");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const target = targetBelowData(args.to);
  const found = sources(args.paths);
  const size = found.reduce((sum, source) => sum + source.size, 0);
  const ssh = new Ssh(await readCluster(args.stack));

  const failed = await requireRoom(ssh, size);
  await upload(ssh, found, target, size);
  const names = found.map(({ name }) => (target ? `${target}/${name}` : name));
  const workers = ssh.cluster.workers.map(({ name }) => name);
  for (const [host, reason] of await distribute(
    ssh,
    workers.filter((name) => !failed.has(name)),
    names,
  )) {
    failed.set(host, reason);
  }

  const paths = names.map((name) => `/data/${name}`);
  if (args.json) {
    const hosts = Object.fromEntries(ssh.hosts.map((host) => [host, failed.get(host) ?? "ok"]));
    console.log(JSON.stringify({ paths, bytes: size, hosts }));
  } else {
    const reached = counted(ssh.hosts.length - failed.size, "host");
    console.log(`${paths.join("\n")}\n${bytes(size)} on ${reached}.`);
  }
  for (const [host, reason] of failed) console.error(`spark-swarm: not on ${host}: ${reason}`);
  return failed.size > 0 ? exitCodes.failed : exitCodes.ok;
}
