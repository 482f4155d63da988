import { basename } from "node:path";
import type { Argv } from "yargs";
import { readCluster } from "../cluster";
import { newId } from "../driver";
import { type FileList, fileLists, jobFiles } from "../job-files";
import type { Common } from "../main";
import { confOptions, rest, sparkOptions } from "../options";
import { packJob } from "../pack";
import { runJob } from "../run-job";
import { Ssh } from "../ssh";
import { executorCores } from "../waiting";

export const builder = (args: Argv<Common>) =>
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
    })
    .usage(
      "$0 submit FILE [-- ARGUMENTS…]\n\nRuns a Spark job, its driver on the manager. Ctrl-C stops it. Ends with the job's status.",
    )
    .example("$0 submit examples/pi.py -- 200", "Give the job an argument")
    .example("$0 submit app.jar --class org.example.Main", "Run a jar")
    .example("$0 submit job.py --py-files lib.zip --conf spark.executor.memory=2g", "");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const lists: Partial<Record<FileList, string>> = {};
  for (const list of fileLists) lists[list] = args[list];
  const job = jobFiles(args.file, lists);
  const ssh = new Ssh(await readCluster(args.stack));
  const { tar, size } = await packJob(ssh.directory, job.send);

  const id = newId();
  const title = args.name ?? basename(args.file);
  const option = (name: string, value?: string) => (value ? [`--${name}`, value] : []);
  const command = [
    "spark-submit",
    ...confOptions(args.conf),
    ...option("class", args.class),
    ...option("name", args.name),
    ...option("packages", args.packages),
    ...fileLists.flatMap((list) => option(list, job.lists[list])),
    job.file,
    ...rest(args),
  ];
  return runJob(ssh, { id, title, command, tar, size }, executorCores(args.conf));
}
