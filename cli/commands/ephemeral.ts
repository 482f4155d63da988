import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "yargs";
import { CLOUD_NAMES } from "../../program/clouds";
import { readCluster } from "../cluster/cluster";
import { archiveKept } from "../cluster/lifetime";
import { CliError } from "../errors";
import { type Job, jobOptions, prepareJob, readJob } from "../jobs/job";
import { runJob } from "../jobs/run";
import type { Common } from "../options";
import { endWithUs } from "../programs";
import { removeStack, WITHOUT_BACKUPS } from "../pulumi/destroy";
import { explainPulumi, root } from "../pulumi/pulumi";
import { follow, forgetLogs, startPulumi } from "../pulumi/run";
import { Ssh } from "../ssh/ssh";
import { type EmulatedCloud, startEmulatedCloud } from "../stacks/emulated-cloud";
import { ephemeralConfig, needsAddress } from "../stacks/ephemeral-config";
import { ephemeralName, forgetOwner, noteOwner } from "../stacks/ephemeral-stacks";
import { ownAddress } from "../stacks/own-address";
import { Interruption } from "../terminal/interruption";

export const builder = (args: Argv<Common>) =>
  jobOptions(args)
    .option("cloud", {
      choices: CLOUD_NAMES,
      requiresArg: true,
      default: "local" as const,
      description: "The cloud; its settings come from Pulumi.CLOUD.yaml, if that exists",
    })
    .option("workers", {
      type: "number",
      requiresArg: true,
      description: "The number of workers (default: as configured)",
    })
    .option("emulated", {
      type: "boolean",
      description: "Use a local emulator of the cloud",
    })
    .check(({ stack, cloud, workers, emulated }) => {
      if (stack)
        throw new CliError("usage", "--stack cannot be used: ephemeral creates its own stack.");
      if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
        throw new CliError("usage", "--workers must be a whole number, 1 or more.");
      }
      if (emulated && cloud === "local") {
        const others = CLOUD_NAMES.filter((name) => name !== "local");
        const options = others.map((name) => `--cloud ${name}`).join(", ");
        throw new CliError("usage", `--emulated needs one of: ${options}.`);
      }
      return true;
    })
    .usage(
      "$0 ephemeral FILE [-- ARGUMENTS…]\n\nCreates a cluster, runs a Spark job on it, and always destroys it, even if the job fails or Ctrl-C stops it. The job's output goes to standard output, everything else to standard error. Exits with the job's status. If this machine fails, `spark-swarm reap` destroys the cluster.",
    )
    .example("$0 ephemeral examples/pi.py -- 200", "A test on its own cluster")
    .example("$0 ephemeral --cloud aws --workers 4 job.py", "The same on EC2");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const job = readJob(args);
  // If no one reads standard error any more, the cluster must still be destroyed.
  process.stderr.on("error", () => {});
  const interruption = new Interruption();
  let emulated: EmulatedCloud | undefined;
  try {
    if (args.emulated) emulated = await startEmulatedCloud(args.cloud, interruption);
    return await runOnOwnCluster(args, job, interruption, emulated);
  } catch (error) {
    if (interruption.status === undefined || error instanceof CliError) throw error;
    return interruption.status;
  } finally {
    await emulated?.end();
  }
}

async function runOnOwnCluster(
  { cloud, workers }: Args,
  job: Job,
  interruption: Interruption,
  emulated?: EmulatedCloud,
): Promise<number> {
  const stack = ephemeralName(emulated !== undefined);
  const file = (name: string) => join(root, `Pulumi.${name}.yaml`);
  const variables = { ...WITHOUT_BACKUPS, ...emulated?.variables };
  const template = existsSync(file(cloud)) ? readFileSync(file(cloud), "utf8") : undefined;
  const developer = emulated?.developer ?? (needsAddress(template, cloud) && (await ownAddress()));
  const config = ephemeralConfig(template, {
    cloud,
    workers,
    allowFrom: developer ? [`${developer}/32`] : undefined,
    image: emulated?.snapshot,
  });

  console.error(`spark-swarm: making a cluster, stack ${stack}`);
  interruption.during("stopping");
  await noteOwner(stack);
  writeFileSync(file(stack), config);
  await createStack(stack);

  let status = 1;
  let problem: unknown;
  try {
    await up(stack, variables, interruption);
    status = await submit(stack, job, interruption);
  } catch (error) {
    if (interruption.status) status = interruption.status;
    else problem = error;
  }
  interruption.during(`stack ${stack} is being destroyed; that takes a moment`);
  await archive(stack);
  console.error(`spark-swarm: destroying stack ${stack}`);
  try {
    await removeStack(stack, "there", variables);
  } catch (error) {
    if (problem) console.error(`spark-swarm: ${(problem as Error).message}`);
    throw new CliError(
      "failed",
      `Stack ${stack} could not be destroyed; its machines may still be running. \`spark-swarm reap\` tries again. ${(error as Error).message}`,
    );
  }
  if (problem) throw problem;
  return status;
}

async function createStack(stack: string): Promise<void> {
  // Without selecting the new stack.
  const init = startPulumi(stack, "init", ["stack", "init", stack, "--no-select"]);
  const { status } = await init.ended;
  const output = readFileSync(init.log, "utf8");
  forgetLogs(stack);
  if (status === 0) return;
  rmSync(join(root, `Pulumi.${stack}.yaml`), { force: true });
  forgetOwner(stack);
  throw explainPulumi(output.trim());
}

async function up(
  stack: string,
  variables: Record<string, string>,
  interruption: Interruption,
): Promise<void> {
  interruption.check();
  const options = ["--yes", "--skip-preview", "--parallel", "200"];
  const quiet = ["--suppress-outputs", "--suppress-progress"];
  const run = startPulumi(stack, "up", ["up", ...options, ...quiet, "--stack", stack], variables);
  // When asked to stop, Pulumi finishes the steps that it has begun, so that its state knows their resources.
  endWithUs(run.child);
  interruption.during("stopping; then the incomplete cluster is destroyed", () =>
    run.child.kill("SIGINT"),
  );
  const status = await follow(run);
  interruption.check();
  if (status !== 0) throw new CliError("failed", "The cluster did not come up.");
}

/** @throws CliError when /data/keep cannot be copied: then the cluster stays */
async function archive(stack: string): Promise<void> {
  const cluster = await readCluster(stack).catch(() => undefined);
  // It did not come up.
  if (!cluster) return;
  const ssh = new Ssh(cluster);
  try {
    await archiveKept(ssh);
  } catch (error) {
    throw new CliError(
      "failed",
      `Stack ${stack} was not destroyed, and its machines cost money. ${(error as Error).message}\nTo try again: \`npx spark-swarm reap\`. To discard /data/keep: \`SPARK_SWARM_DISCARD_STORE=1 pulumi destroy --stack ${stack}\`.`,
    );
  } finally {
    ssh.close();
  }
}

async function submit(stack: string, job: Job, interruption: Interruption): Promise<number> {
  interruption.during("stopping; then the cluster is destroyed");
  const ssh = new Ssh(await readCluster(stack));
  try {
    const prepared = await prepareJob(ssh, job);
    interruption.check();
    return await runJob(ssh, prepared);
  } finally {
    ssh.close();
  }
}
