import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "yargs";
import { CLOUD_NAMES } from "../../program/clouds";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { pulumi, root } from "../pulumi/pulumi";
import { stackNames } from "../pulumi/stack-state";
import { cloneConfig } from "../stacks/clone-config";

export const builder = (args: Argv<Common>) =>
  args
    .option("from", {
      type: "string",
      requiresArg: true,
      demandOption: true,
      description: "The stack to copy settings from",
    })
    .option("to", {
      type: "string",
      requiresArg: true,
      demandOption: true,
      description: "The new stack",
    })
    .option("cloud", {
      choices: CLOUD_NAMES,
      requiresArg: true,
      description: "The new stack's cloud (default: the same)",
    })
    .option("workers-size", {
      type: "string",
      requiresArg: true,
      description:
        "The workers' size on that cloud: a name, or CPUSxMB on local (default: the cheapest that is large enough)",
    })
    .option("manager-size", {
      type: "string",
      requiresArg: true,
      description: "The manager's size, likewise",
    })
    .check(({ stack, cloud, "workers-size": workers, "manager-size": manager }) => {
      if (stack) throw new CliError("usage", "clone uses --from and --to instead of --stack.");
      if (!cloud && (workers || manager)) {
        throw new CliError("usage", "--workers-size and --manager-size need --cloud.");
      }
      return true;
    })
    .usage(
      "$0 clone --from STACK --to STACK\n\nCreates a stack with the settings of another one. Secrets are encrypted again with the new stack's key, using Pulumi's current passphrase or secrets provider; they are not shown. No resources are created.",
    )
    .example("$0 clone --from dev --to dev2", "A second stack of the same kind")
    .example("$0 clone --from dev --to big --cloud aws", "The same on EC2");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run({ from, to, cloud, ...args }: Args): Promise<number> {
  const sizes = { workers: args["workers-size"], manager: args["manager-size"] };
  const options = { target: to, cloud, sizes };
  const source = fileOf(from);
  const target = fileOf(to);
  const names = await stackNames();
  if (!names.includes(from)) {
    throw new CliError(
      "noCluster",
      `There is no stack ${from}. \`pulumi stack ls\` lists the stacks.`,
    );
  }
  if (names.includes(to) || existsSync(target)) {
    const what = names.includes(to) ? `Stack ${to}` : `Pulumi.${to}.yaml`;
    throw new CliError("failed", `${what} already exists. Choose another name with --to.`);
  }
  // Wrong input is refused before anything is created.
  cloneConfig(existsSync(source) ? readFileSync(source, "utf8") : "", options);

  try {
    await pulumi(["stack", "init", to, "--no-select", "--copy-config-from", from]);
    const { text, notes, missing } = cloneConfig(readFileSync(target, "utf8"), options);
    writeFileSync(target, text);
    console.log(summary(from, to, notes, missing));
  } catch (error) {
    // The stack may exist without its settings, such as when its passphrase is not the other one's.
    await pulumi(["stack", "rm", to, "--yes"]).catch(() => {});
    rmSync(target, { force: true });
    throw error;
  }
  return exitCodes.ok;
}

/** Where Pulumi keeps a stack's settings. */
const fileOf = (stack: string): string => join(root, `Pulumi.${stack.split("/").at(-1)}.yaml`);

function summary(from: string, to: string, notes: string[], missing: string[]): string {
  return [
    `Stack ${to} has the settings of ${from}. Nothing is up on it yet.`,
    ...notes.map((note) => `  ${note}`),
    ...(missing.length > 0 ? ["Still to set:", ...missing.map((line) => `  ${line}`)] : []),
    `To bring it up: pulumi up --stack ${to}`,
  ].join("\n");
}
