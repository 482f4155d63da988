import { basename } from "node:path";
import type { Argv } from "yargs";
import { packJob } from "../files/pack";
import type { Common } from "../options";
import { confOptions, rest, sparkOptions } from "../options";
import type { Ssh } from "../ssh/ssh";
import { newId } from "./driver";
import { type FileList, fileLists, type JobFile, jobFiles } from "./files";
import type { RunnableJob } from "./run";
import { executorCores } from "./waiting";

/** What a user says of a job. */
export const jobOptions = (args: Argv<Common>) =>
  sparkOptions(args)
    .positional("file", {
      type: "string",
      demandOption: true,
      description: "The job: a .py or .jar here, or local:///PATH in the image",
    })
    .option("class", {
      type: "string",
      requiresArg: true,
      description: "The main class of a jar",
    })
    .option("name", {
      type: "string",
      requiresArg: true,
      description: "The application's name (default: the file's)",
    })
    .option("py-files", {
      type: "string",
      requiresArg: true,
      description: "Python files and zips to import from, separated by commas",
    })
    .option("files", {
      type: "string",
      requiresArg: true,
      description: "Files for the executors' working directories, separated by commas",
    })
    .option("jars", {
      type: "string",
      requiresArg: true,
      description: "Jars for driver and executors, separated by commas",
    });

type Args = Awaited<ReturnType<typeof jobOptions>["argv"]>;

/** A job whose files are there. */
export interface Job {
  title: string;
  command: string[];
  /** Of that command. */
  args: string[];
  send: JobFile[];
  executorCores?: number;
}

/** Reads the command line. @throws CliError when a file is missing */
export function readJob(args: Args): Job {
  const given: Partial<Record<FileList, string>> = {};
  for (const list of fileLists) given[list] = args[list];
  const { file, lists, send } = jobFiles(args.file, given);
  const option = (name: string, value?: string) => (value ? [`--${name}`, value] : []);
  const words = [
    ...confOptions(args.conf),
    ...option("class", args.class),
    ...option("name", args.name),
    ...option("packages", args.packages),
    ...fileLists.flatMap((list) => option(list, lists[list])),
    file,
    ...rest(args),
  ];
  return {
    title: args.name ?? basename(args.file),
    command: ["spark-submit"],
    args: words,
    send,
    executorCores: executorCores(args.conf),
  };
}

/** Packs a job's files for a cluster. */
export async function prepareJob(ssh: Ssh, job: Job): Promise<RunnableJob> {
  return { ...job, id: newId(), ...(await packJob(ssh.directory, job.send)) };
}
