import { readFileSync } from "node:fs";
import { join } from "node:path";
import { local, remote } from "@pulumi/command";
import {
  type CustomResourceOptions,
  type Input,
  type Output,
  output,
  secret,
} from "@pulumi/pulumi";

/** Reads the whole script first, so that no command in it can read the rest of it as input. */
export const RUN = 'eval "$(cat)"';

/**
 * For every command: a run's output stays out of the next run's environment. An image's build prints more than the 128
 * KiB that Linux allows in a variable (execve(2)), and an SSH server accepts none.
 */
export const WITHOUT_OUTPUT = { addPreviousOutputInEnv: false };

/**
 * For `ignoreChanges` of a command whose output was made once, such as a key: a later version's script, or another way
 * of running it, must not make it again.
 */
export const MADE_ONCE = ["create", "update", "stdin", ...Object.keys(WITHOUT_OUTPUT)];

export interface ScriptArgs {
  /** The path of a POSIX shell script. */
  script: string;
  /** Shell variables that are set before the script's first line. */
  variables?: Record<string, Input<string | number>>;
  /** False keeps its output out of Pulumi's log. Default: true. */
  logged?: boolean;
}

/**
 * Runs a script on this machine once, and again whenever its text or a variable changes. The script goes through
 * standard input: a command's text is in the process list, and Pulumi repeats it before each error.
 *
 * @param args.triggers values of which each change makes it another resource
 */
export function localScript(
  name: string,
  { script, variables = {}, logged = true, triggers }: ScriptArgs & { triggers?: Input<string>[] },
  opts: CustomResourceOptions,
): local.Command {
  const stdin = scriptText(script, variables);
  return new local.Command(
    name,
    {
      ...WITHOUT_OUTPUT,
      create: RUN,
      update: RUN,
      stdin,
      triggers,
      ...(logged ? {} : { logging: "none" }),
    },
    opts,
  );
}

/**
 * Runs a script on a host, like {@link localScript}.
 *
 * @param args.triggers values of which each change makes it another resource
 */
export function remoteScript(
  name: string,
  {
    connection,
    script,
    variables = {},
    logged = true,
    triggers,
  }: ScriptArgs & {
    connection: Connection;
    triggers?: Input<string>[];
  },
  opts: CustomResourceOptions,
): remote.Command {
  const stdin = scriptText(script, variables);
  return new remote.Command(
    name,
    {
      ...WITHOUT_OUTPUT,
      connection,
      create: RUN,
      update: RUN,
      stdin,
      triggers,
      ...(logged ? {} : { logging: "none" }),
    },
    opts,
  );
}

/**
 * Runs a script on a host when this resource is deleted, to undo what was done there. It runs through a command on this
 * machine: the deletion of a remote command fails when its host was deleted, now and in every later update.
 */
export function removalScript(
  name: string,
  { connection, script, variables = {} }: RemovalArgs,
  opts: CustomResourceOptions,
): local.Command {
  return new local.Command(
    name,
    {
      ...WITHOUT_OUTPUT,
      create: "true",
      update: "true",
      delete: RUN,
      stdin: scriptText(join(__dirname, "removal.sh"), {
        ...onHost(connection),
        REMOVAL: scriptText(script, variables),
      }),
    },
    opts,
  );
}

export interface RemovalArgs extends Omit<ScriptArgs, "logged"> {
  /** Where to undo it. */
  connection: Connection;
}

type Connection = remote.CommandArgs["connection"];

/** The variables of on-host.sh, with which a script on this machine runs another one on a host. */
export function onHost(connection: Connection): Record<string, Input<string | number>> {
  const known = output(connection);
  return {
    ON_HOST: readFileSync(join(__dirname, "on-host.sh"), "utf8"),
    ADDRESS: known.host,
    PORT: known.apply(({ port }) => port ?? 22),
    LOGIN: known.apply(({ user }) => user ?? "root"),
    // Without it every host would count as not answering.
    HOST_KEY: known.apply(({ hostKey }) => {
      if (!hostKey) throw new Error("connection.hostKey is missing: the host's public SSH key");
      return hostKey;
    }),
    KEY: secret(known.apply(({ privateKey }) => privateKey ?? "")),
  };
}

/** A script's text, after its variables. */
export function scriptText(
  path: string,
  variables: Record<string, Input<string | number>>,
): Output<string> {
  const text = readFileSync(path, "utf8");
  return output(variables).apply((values) => withVariables(text, values));
}

/** The same for a known text and known variables. */
export function withVariables(text: string, variables: Record<string, string | number>): string {
  return [
    ...Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(`${value}`)}`),
    text,
  ].join("\n");
}

/** Quotes a text for POSIX shells: nothing is special inside single quotes but their end. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
