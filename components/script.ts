import { readFileSync } from "node:fs";
import { local, remote } from "@pulumi/command";
import { type CustomResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";

/** Reads the script first, so that no command in it can take the rest of it for its own input. */
export const RUN = 'eval "$(cat)"';

export interface ScriptArgs {
  /** The path of a POSIX shell script. */
  script: string;
  /** Shell variables that stand before the script's first line. */
  variables?: Record<string, Input<string | number>>;
  /** False keeps its output out of Pulumi's log. Default true. */
  logged?: boolean;
}

/**
 * Runs a script on this machine, once; again whenever its text or a variable changes. It goes by standard
 * input: a command's text is in the process list, and Pulumi repeats it in front of each error.
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
    { create: RUN, update: RUN, stdin, triggers, ...(logged ? {} : { logging: "none" }) },
    opts,
  );
}

/**
 * Runs a script on a host, like {@link localScript}.
 *
 * @param args.remove the text of a command that undoes it when the resource is deleted
 * @param args.triggers values of which each change makes it another resource: what is to be deleted with it is then
 * held to have gone
 */
export function remoteScript(
  name: string,
  {
    connection,
    remove,
    script,
    variables = {},
    logged = true,
    triggers,
  }: ScriptArgs & {
    connection: remote.CommandArgs["connection"];
    remove?: Input<string>;
    triggers?: Input<string>[];
  },
  opts: CustomResourceOptions,
): remote.Command {
  const stdin = scriptText(script, variables);
  return new remote.Command(
    name,
    {
      connection,
      create: RUN,
      update: RUN,
      delete: remove,
      stdin,
      triggers,
      ...(logged ? {} : { logging: "none" }),
    },
    opts,
  );
}

/** A script with its variables before it. */
export function scriptText(
  path: string,
  variables: Record<string, Input<string | number>>,
): Output<string> {
  const text = readFileSync(path, "utf8");
  return output(variables).apply((values) =>
    [
      ...Object.entries(values).map(([name, value]) => `${name}=${shellQuote(`${value}`)}`),
      text,
    ].join("\n"),
  );
}

/** Quotes a text for POSIX shells: nothing is special inside single quotes but their end. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
