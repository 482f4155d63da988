import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { jobOptions, prepareJob, readJob } from "../jobs/job";
import { runJob } from "../jobs/run";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";

export const builder = (args: Argv<Common>) =>
  jobOptions(args)
    .usage(
      "$0 submit FILE [-- ARGUMENTS…]\n\nRuns a Spark job with its driver on the manager. Ctrl-C stops it. Exits with the job's status.",
    )
    .example("$0 submit examples/pi.py -- 200", "Give the job an argument")
    .example("$0 submit app.jar --class org.example.Main", "Run a jar")
    .example("$0 submit job.py --requirements requirements.txt", "Install packages for it")
    .example("$0 submit job.py --py-files lib/ --executor-memory 2g", "Send a package");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const job = readJob(args);
  const ssh = new Ssh(await readCluster(args.stack));
  return runJob(ssh, await prepareJob(ssh, job));
}
