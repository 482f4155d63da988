import { randomBytes } from "node:crypto";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { Client } from "ssh2";
import { compare } from "../lib/compare";
import {
  type Call,
  type Checked,
  type Difference,
  type Plugin,
  type ResourceType,
  serve,
} from "../lib/plugin";
import {
  equal,
  isObject,
  type Properties,
  reveal,
  UNKNOWN,
  unknownAsOutputs,
  type Value,
} from "../lib/values";
import {
  COPY_FILE,
  COPY_TO_REMOTE,
  checkInputs,
  completeAsset,
  type InputType,
  LOCAL_COMMAND,
  REMOTE_COMMAND,
} from "./inputs";
import { runLocally } from "./local";
import { type Logging, OutputCollector } from "./output";
import type { ConnectionSettings, RemoteVariable } from "./ssh";

/** A stand-in for the official command plugin, for machines that cannot download it. */
export const commandPlugin: Plugin = {
  name: "command",
  version: "1.2.1",
  checkConfig: (news) => ({ "__pulumi-go-provider-version": "1.2.0", ...news }),
  configure: () =>
    new rpc.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(true)
      .setAcceptresources(true)
      .setAcceptoutputs(true),
  resources: {
    "command:local:Command": command(LOCAL_COMMAND, runLocalCommand),
    "command:remote:Command": command(REMOTE_COMMAND, runRemoteCommand),
    "command:remote:CopyToRemote": copy(COPY_TO_REMOTE, copySource),
    "command:remote:CopyFile": {
      ...copy(COPY_FILE, copyLocalFile),
      diff: alwaysReplaced(COPY_FILE),
    },
  },
};

/** A command's output of its last run. */
interface Outputs {
  stdout: string;
  stderr: string;
}

interface CommandInputs {
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  logging?: Logging;
  environment?: Record<string, string>;
  addPreviousOutputInEnv?: boolean;
}

interface LocalCommandInputs extends CommandInputs {
  interpreter?: string[];
  dir?: string;
  assetPaths?: string[];
  archivePaths?: string[];
}

interface RemoteCommandInputs extends CommandInputs {
  connection: ConnectionSettings;
}

type Run<Inputs> = (
  call: Call,
  line: string,
  inputs: Inputs,
  previous: Outputs,
) => Promise<Outputs>;

/** A resource defined by its commands: `create`, `update` and `delete`. */
function command<Inputs extends CommandInputs>(type: InputType, run: Run<Inputs>): ResourceType {
  const nothing: Outputs = { stdout: "", stderr: "" };

  async function outputs(
    call: Call,
    inputs: Properties,
    previous: Outputs,
    choose: (plain: Inputs) => string | undefined,
  ): Promise<Outputs> {
    const plain = reveal(inputs) as unknown as Inputs;
    const line = choose(plain);
    return line === undefined ? previous : run(call, line, plain, previous);
  }

  const inPreview = { stdout: UNKNOWN, stderr: UNKNOWN };
  return {
    check: (inputs) => answeredCheck(type, inputs),
    diff: (state, inputs) => compareInputs(type, state, inputs),
    create: async (call, inputs) => {
      const printed = call.preview
        ? inPreview
        : await outputs(call, inputs, nothing, ({ create }) => create);
      return { id: uniqueName(call.urn), state: { ...answered(inputs), ...printed } };
    },
    update: async (call, _id, state, inputs) => {
      const printed = call.preview
        ? inPreview
        : await outputs(call, inputs, outputsOf(state), ({ update, create }) => update ?? create);
      return { ...answered(inputs), ...printed };
    },
    read: async (_call, _id, state, inputs) => ({ state, inputs }),
    delete: async (call, _id, state) => {
      await outputs(call, state, outputsOf(state), (plain) => plain.delete);
    },
  };
}

async function runLocalCommand(
  call: Call,
  line: string,
  inputs: LocalCommandInputs,
  previous: Outputs,
): Promise<Outputs> {
  if (inputs.assetPaths ?? inputs.archivePaths) {
    throw new Error("the command stand-in knows neither assetPaths nor archivePaths");
  }
  const output = new OutputCollector(call, inputs.logging);
  const interpreter = inputs.interpreter?.length ? inputs.interpreter : ["/bin/sh", "-c"];
  const problem = await runLocally(call.signal, [...interpreter, line], {
    directory: inputs.dir,
    environment: { ...inputs.environment, ...previousOutput(inputs, previous) },
    stdin: inputs.stdin,
    output,
  });
  if (problem !== undefined) throw output.failure(problem, line);
  return output.finish();
}

async function runRemoteCommand(
  call: Call,
  line: string,
  inputs: RemoteCommandInputs,
  previous: Outputs,
): Promise<Outputs> {
  const ssh = await import("./ssh");
  const output = new OutputCollector(call, inputs.logging);
  const variables: RemoteVariable[] = [
    ...variablesOf(inputs.environment ?? {}, (name) => {
      call.log("error", refusal(name));
      throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
    }),
    ...variablesOf(previousOutput(inputs, previous), (name) => call.log("warning", refusal(name))),
  ];
  await ssh.withConnection(call, inputs.connection, (client) =>
    ssh.run(client, line, { signal: call.signal, variables, stdin: inputs.stdin, output }),
  );
  return output.finish();
}

function variablesOf(
  environment: Record<string, string>,
  refused: (name: string) => void,
): RemoteVariable[] {
  return Object.entries(environment).map(([name, value]) => ({
    name,
    value,
    refused: () => refused(name),
  }));
}

const refusal = (name: string) =>
  `Unable to set '${name}': the SSH server takes only variables that its AcceptEnv names. ` +
  `Where a shell runs the command, it can begin with '${name}=value' instead.`;

/** The last run's output, for use by the next one. */
function previousOutput(
  { addPreviousOutputInEnv }: CommandInputs,
  { stdout, stderr }: Outputs,
): Record<string, string> {
  if (addPreviousOutputInEnv === false) return {};
  return {
    ...(stdout && { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr && { PULUMI_COMMAND_STDERR: stderr }),
  };
}

type CopyWork = (client: Client, inputs: Properties) => Promise<void>;

/** A resource that is a copy on another machine; deleting it leaves the copy. */
function copy(type: InputType, work: CopyWork): ResourceType {
  async function place(call: Call, inputs: Properties): Promise<Properties> {
    if (!call.preview) {
      const plain = reveal(inputs) as Properties;
      const connection = plain.connection as unknown as ConnectionSettings;
      const { withConnection } = await import("./ssh");
      await withConnection(call, connection, (client) => work(client, plain));
    }
    const { source } = inputs;
    const placed = isObject(source) ? { ...inputs, source: completeAsset(source) } : inputs;
    return answered(placed);
  }
  return {
    check: (inputs) => answeredCheck(type, inputs),
    diff: (state, inputs) => compareInputs(type, state, inputs),
    create: async (call, inputs) => ({
      id: call.preview ? "" : randomBytes(4).toString("hex"),
      state: await place(call, inputs),
    }),
    update: async (call, _id, state, inputs) => {
      const same = (key: string) => equal(reveal(state[key] ?? null), reveal(inputs[key] ?? null));
      // A changed connection to the same copy is no reason to copy again.
      const copied = hashOf(state) === hashOf(inputs) && same("remotePath");
      return copied ? inputs : place(call, inputs);
    },
    read: async (_call, _id, state, inputs) => ({ state, inputs }),
    delete: async () => {},
  };
}

async function copySource(client: Client, { source, remotePath }: Properties): Promise<void> {
  const sftp = await import("./sftp");
  const { text, path, assets, uri } = source as Properties;
  const target = remotePath as string;
  if (assets || uri) throw new Error("the command stand-in copies texts, files and folders only");
  if (path) return sftp.copyPath(client, path as string, target);
  return sftp.copyText(client, text as string, target);
}

async function copyLocalFile(client: Client, inputs: Properties): Promise<void> {
  const { copyFile } = await import("./sftp");
  await copyFile(client, inputs.localPath as string, inputs.remotePath as string);
}

/**
 * A resource is replaced when its triggers are added, removed or unknown as a whole, as they are when the engine
 * computes the dependents of a resource that is deleted first. For one changed trigger, the program's SDK requests the
 * replacement.
 */
function compareInputs(type: InputType, state: Properties, inputs: Properties): Difference {
  const changes = compare(inputsOf(type, state), inputs);
  return {
    changes: changes.map((change) => ({ ...change, replaces: change.path === "triggers" })),
  };
}

/** The comparison of a type without update: every change replaces it. */
function alwaysReplaced(type: InputType): ResourceType["diff"] {
  return (state, inputs) => ({
    changes: compare(inputsOf(type, state), inputs).map((change) => ({
      ...change,
      replaces: true,
    })),
  });
}

/** Properties in the form of an answer to the engine. */
function answered(properties: Properties): Properties {
  return unknownAsOutputs(properties) as Properties;
}

function answeredCheck(type: InputType, given: Properties): Checked {
  const { inputs, failures } = checkInputs(type, given);
  return { inputs: answered(inputs), failures };
}

function inputsOf({ fields }: InputType, state: Properties): Properties {
  return Object.fromEntries(Object.entries(state).filter(([key]) => key in fields));
}

function hashOf({ source }: Properties): Value | undefined {
  return isObject(source) ? source.hash : undefined;
}

function outputsOf(state: Properties): Outputs {
  const plain = (value: Value | undefined) => String(reveal(value ?? ""));
  return { stdout: plain(state.stdout), stderr: plain(state.stderr) };
}

/** The resource's name with eight random digits, as in the official plugin's ids. */
function uniqueName(urn: string): string {
  return `${urn.split("::").pop()}${randomBytes(4).toString("hex")}`;
}

if (require.main === module) serve(commandPlugin, process.argv[2]);
