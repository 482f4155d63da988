import { basename, join } from "node:path";
import { packJob } from "../files/pack";
import { confOptions, rest } from "../options";
import type { Ssh } from "../ssh/ssh";
import { placeClassPath } from "./class-path";
import { newId } from "./driver";
import { placeEnvironment, wantedBy } from "./environment";
import { emptyParcel, fileLists, type Parcel, placeLists, placeMain, sendModules } from "./files";
import { modulesOf } from "./modules";
import { isAddress } from "./names";
import { executorLimits, type JobArgs, passedOptions } from "./options";
import { buildParcel, listed } from "./parcel";
import type { RunnableJob } from "./run";
import { formatProperties, readSettings, type Settings, settingOf } from "./settings";

export { jobOptions } from "./options";

/** A job whose files exist. */
export interface Job {
  title: string;
  command: string[];
  /** Arguments of that command. */
  args: string[];
  parcel: Parcel;
  /** What to tell the user before the job starts. */
  notes: string[];
  /** The number of executors, if the job sets it. */
  executors?: number;
  executorCores?: number;
}

/** Starts a driver that has files; see start.sh. */
export const START = ["bash", "/job/tool/start.sh"];
export const startFile = { local: join(__dirname, "start.sh"), sent: "tool/start.sh" };

/** Reads the command line. @throws CliError when a file is missing or too large to send */
export function readJob(args: JobArgs): Job {
  const settings = readSettings(args.conf, args["properties-file"]);
  const parcel = emptyParcel();
  const main = placeMain(args.file, parcel);
  const python = args.file.endsWith(".py");
  const here = python && !isAddress(args.file) ? args.file : undefined;

  const given = { ...settings.lists };
  for (const list of fileLists) given[list] = args[list] ?? given[list];
  const lists = placeLists(given, parcel);
  const add = (list: "py-files" | "archives", word: string) => {
    lists[list] = lists[list] ? `${lists[list]},${word}` : word;
  };
  const notes: string[] = [];
  if (here !== undefined) {
    const modules = modulesOf(here);
    const sent = sendModules(modules, parcel);
    if (sent) add("py-files", sent);
    for (const [name, path] of modules.elsewhere) {
      if (parcel.zips.some(({ files }) => files.some((file) => isModule(file.name, name))))
        continue;
      if (parcel.files.some(({ sent }) => sent === `py-files/${name}.py`)) continue;
      notes.push(
        `${args.file} imports ${name}, which is not beside it. Send it with --py-files ${path}`,
      );
    }
  }
  const ownPython = settingOf(settings, "spark.pyspark.python") !== undefined;
  const wanted = wantedBy(here, args.requirements, ownPython, lists.archives !== undefined);
  if (wanted) add("archives", placeEnvironment(wanted, parcel));
  parcel.files.push(startFile);
  if (settings.file.size > 0) {
    const text = formatProperties(settings.file);
    parcel.texts.push({ sent: "settings/spark-defaults.conf", text });
  }

  const option = (name: string, value?: string) => (value ? [`--${name}`, value] : []);
  return {
    title: args.name ?? basename(args.file),
    command: [...START, "spark-submit"],
    args: [
      ...confOptions(settings.conf),
      ...option("name", args.name ?? defaultName(args, settings)),
      ...passedOptions(args),
      ...option("driver-class-path", placeClassPath(args["driver-class-path"], parcel)),
      ...fileLists.flatMap((list) => option(list, lists[list])),
      main,
      ...rest(args),
    ],
    parcel,
    notes,
    ...executorsOf(args, settings),
  };
}

/** Packs a job's files for a cluster, and shows what is sent. */
export async function prepareJob(ssh: Ssh, job: Job): Promise<RunnableJob> {
  const { notes, parcel, executors, executorCores } = job;
  for (const line of [...listed(parcel), ...notes]) console.error(`spark-swarm: ${line}`);
  const packed = await packJob(ssh.directory, await buildParcel(parcel, ssh.directory));
  const cores = executorCores ?? ssh.cluster.allocation.executor?.cpus;
  const limits = executors === undefined ? [] : executorLimits(executors, cores);
  return { ...job, args: [...confOptions(limits), ...job.args], id: newId(), ...packed };
}

function executorsOf(args: JobArgs, settings: Settings): Pick<Job, "executors" | "executorCores"> {
  const asNumber = (value?: string) => (value === undefined ? undefined : Number(value));
  const limited = settingOf(settings, "spark.cores.max") ?? args["total-executor-cores"];
  const dynamic = settingOf(settings, "spark.dynamicAllocation.enabled") === "true";
  const instances = asNumber(settingOf(settings, "spark.executor.instances"));
  return {
    executors: args["num-executors"] ?? (limited || dynamic ? undefined : instances),
    executorCores: args["executor-cores"] ?? asNumber(settingOf(settings, "spark.executor.cores")),
  };
}

/** Spark would derive the name from an address, in which letters may be escaped. */
function defaultName(args: JobArgs, settings: Settings): string | undefined {
  if (!args.file.endsWith(".py") || settingOf(settings, "spark.app.name")) return undefined;
  return basename(args.file);
}

const isModule = (file: string, name: string): boolean =>
  file === `${name}.py` || file.startsWith(`${name}/`);
