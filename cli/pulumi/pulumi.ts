import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import which from "which";
import { CliError } from "../errors";
import { run } from "../programs";

/** The project's root. */
export const root = resolve(__dirname, "..", "..");

/** This project's data on the user's machine; git ignores it. */
export const home = join(root, ".spark-swarm");

type Environment = NodeJS.ProcessEnv;

/**
 * The environment for Pulumi: the backend that the user chose, else the one that ./scripts/quickstart
 * made in this project, else the user's own login.
 */
export function pulumiEnvironment(
  from: Environment = process.env,
  directory = home,
  exists: (path: string) => boolean = existsSync,
): Environment {
  const cache = from.XDG_CACHE_HOME || join(from.HOME ?? homedir(), ".cache");
  const environment: Environment = {
    ...from,
    PATH: [from.PATH, join(cache, "spark-swarm", "bin")].filter(Boolean).join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const state = join(directory, "state");
  if (from.PULUMI_BACKEND_URL || !exists(state)) return environment;
  // The passphrase file must take precedence over a passphrase of the user's other projects.
  delete environment.PULUMI_CONFIG_PASSPHRASE;
  return {
    ...environment,
    PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(directory, "passphrase"),
    PULUMI_HOME: join(directory, "home"),
  };
}

/** How Pulumi is started on this project: its program, arguments and environment. */
export function pulumiCommand(args: string[]): {
  program: string;
  words: string[];
  env: Environment;
} {
  const env = pulumiEnvironment();
  const program = which.sync("pulumi", { path: env.PATH, nothrow: true });
  if (!program) {
    throw new CliError(
      "missingProgram",
      "Pulumi is not installed. Run ./scripts/quickstart, which installs it and starts a cluster, or see https://www.pulumi.com/docs/install/.",
    );
  }
  return { program, words: ["--non-interactive", "--cwd", root, ...args], env };
}

/** Runs Pulumi on this project; returns its standard output. */
export async function pulumi(args: string[]): Promise<string> {
  const { program, words, env } = pulumiCommand(args);
  const result = await run(program, words, { env });
  if (result.status !== 0) throw explainPulumi(result.stderr.trim());
  return result.stdout;
}

const start = "`./scripts/quickstart` starts a cluster on this machine";

/** Explains Pulumi's errors to someone who wants a cluster. */
export function explainPulumi(stderr: string): CliError {
  const missing = /no stack named '([^']+)' found/.exec(stderr);
  if (missing) {
    return new CliError(
      "noCluster",
      `There is no stack ${missing[1]}. \`pulumi stack ls\` lists the stacks; ${start}.`,
    );
  }
  if (/no stack selected/.test(stderr)) {
    return new CliError(
      "noCluster",
      `No stack is selected. Name one with --stack, or select one with \`pulumi stack select\`; ${start}.`,
    );
  }
  if (/PULUMI_ACCESS_TOKEN|pulumi login/.test(stderr)) {
    return new CliError(
      "denied",
      `Pulumi is not logged in. \`pulumi login --local\` needs no account; ${start}.`,
    );
  }
  if (/passphrase/.test(stderr)) {
    return new CliError(
      "denied",
      "Pulumi cannot decrypt the stack's secrets: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to its passphrase.",
    );
  }
  return new CliError("failed", `Pulumi failed: ${stderr.replace(/^error: /, "")}`);
}
