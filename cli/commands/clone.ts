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
      description: "The stack whose settings are taken",
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
      description: "Its cloud (default: the same)",
    })
    .option("workers-size", {
      type: "string",
      requiresArg: true,
      description:
        "The workers' size there: a name; on local CPUSxMB (default: one that has as much)",
    })
    .option("manager-size", {
      type: "string",
      requiresArg: true,
      description: "The manager's",
    })
    .check(({ stack, cloud, "workers-size": workers, "manager-size": manager }) => {
      if (stack) throw new CliError("usage", "clone names its stacks by --from and --to.");
      if (!cloud && (workers || manager)) {
        throw new CliError("usage", "Sizes are for another cloud, which --cloud names.");
      }
      return true;
    })
    .usage(
      "$0 clone --from STACK --to STACK\n\nMakes a new stack with the settings of another one. Secrets are encrypted again, with the new stack's own key and the passphrase, or other secrets provider, that Pulumi has at hand; they are not shown. Nothing is brought up.",
    )
    .example("$0 clone --from dev --to dev2", "A second one of the same kind")
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
      `There is no stack ${from}: \`pulumi stack ls\` lists those there are.`,
    );
  }
  if (names.includes(to) || existsSync(target)) {
    const what = names.includes(to) ? `A stack ${to}` : `Pulumi.${to}.yaml, a stack's file,`;
    throw new CliError(
      "failed",
      `${what} is there already: it stays as it is. Name another by --to.`,
    );
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
    ...(missing.length > 0 ? ["Still to be set:", ...missing.map((line) => `  ${line}`)] : []),
    `To bring it up: pulumi up --stack ${to}`,
  ].join("\n");
}
