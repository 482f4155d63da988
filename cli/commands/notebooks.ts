import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import { pull, push } from "../files/notebooks";
import type { Common } from "../options";
import { root } from "../pulumi/pulumi";
import { Ssh } from "../ssh/ssh";
import { counted } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("direction", {
      choices: ["pull", "push"] as const,
      demandOption: true,
      description: "pull: from the cluster to this machine; push: the other way",
    })
    .option("to", {
      type: "string",
      requiresArg: true,
      description: "The folder to pull into (default: notebooks/ of this project)",
    })
    .option("from", {
      type: "string",
      requiresArg: true,
      description: "The folder to push from (default: the same)",
    })
    .option("force", {
      type: "boolean",
      default: false,
      description: "Overwrite notebooks that changed on both sides",
    })
    .usage(
      "$0 notebooks pull|push\n\nCopies notebooks between a cloud's cluster and this machine. On the cluster, they are deleted with it. Notebooks that changed only at the destination are kept; if any changed on both sides, nothing is copied. No notebook is deleted. A local cluster always uses notebooks/ of this project.",
    )
    .example("$0 notebooks pull", "Into notebooks/ of this project")
    .example("$0 notebooks push --from ~/course", "Copy a local folder to the cluster");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ direction, to, from, force, stack }: Args): Promise<number> {
  if (direction === "pull" ? from : to) {
    throw new CliError("usage", "Use `pull --to FOLDER` or `push --from FOLDER`.");
  }
  const home = join(root, "notebooks");
  const folder = resolve(to ?? from ?? home);
  const access = await readCluster(stack);
  if (access.cluster.cloud === "local") {
    console.error(`A local cluster's notebooks are in ${home}; there is nothing to copy.`);
    return exitCodes.ok;
  }
  const names = await (direction === "pull" ? pull : push)(new Ssh(access), folder, force);
  for (const name of names) console.log(name.replace(/^\.\//, ""));
  const where = direction === "pull" ? `pulled to ${folder}` : "pushed to the cluster";
  console.error(`${counted(names.length, "file")} ${where}.`);
  return exitCodes.ok;
}
