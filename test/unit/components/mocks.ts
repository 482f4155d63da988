import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CustomResource, type Output, type Resource } from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type {
  MockCallArgs,
  MockCallResult,
  MockResourceArgs,
  MockResourceResult,
} from "@pulumi/pulumi/runtime";
import { parse } from "yaml";
import type { Hosts } from "../../../components/hosts/contract";
import type { ComposeDocument } from "../../../components/swarm-stack/compose";
import { created, privateKeyOf, publicKeyOf } from "./providers";

// Tests with mocks must not depend on this machine's plugins.
delete process.env.SPARK_SWARM_STAND_INS;

export { privateKeyOf, publicKeyOf };

export const PROJECT = "spark-swarm";
export const STACK = "test";

/** Pulumi's placeholder for a value that is unknown in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Inputs = Record<string, Value>;

/** A resource as the engine is asked to register it. */
export interface Registered {
  type: string;
  name: string;
  urn: string;
  /** Without the marks of secrets. */
  inputs: Inputs;
  /** Paths of the inputs that are marked as secret: `stdin`, `uploads[0].content`. */
  secrets: string[];
  parentUrn: string;
  /** Names of other resources. */
  parent: string;
  dependsOn: string[];
  deletedWith: string;
  ignoreChanges: string[];
  deleteBeforeReplace: boolean;
  /** Whether the program sets it, or leaves it to the plugin. */
  deleteBeforeReplaceDefined: boolean;
  retainOnDelete: boolean;
  additionalSecretOutputs: string[];
  /** Name of the provider resource, empty for the default one. */
  provider: string;
  /** The outputs that a component registers. */
  outputs: Inputs;
}

export interface Run<T> {
  result: T;
  /** Sorted by name, since the order of requests to the engine varies. */
  registered: Registered[];
  /** The only resource with a name and, if a component shares its name with a child, with a type. */
  find(name: string, type?: string): Registered;
  /** The calls of providers' functions, in no particular order. */
  calls: MockCallArgs[];
  warnings: string[];
}

/** The environment in which a program runs. */
export interface World {
  /** Answers the providers' functions. An exception is the provider's error. */
  call?(args: MockCallArgs): MockCallResult;
  /** Whether all resources exist already: a preview knows them then. */
  exists?: boolean;
  /** The outputs of the stack's last update. The private key is secret. */
  outputs?: Inputs;
  /** The resources of the stack's last update: URN to outputs. */
  state?: Record<string, Inputs>;
}

/** Runs a program under Pulumi's mocks until all that it registers is registered. */
export async function run<T>(
  preview: boolean,
  program: () => T | Promise<T>,
  { call = () => ({}), exists = false, outputs = {}, state = {} }: World = {},
): Promise<Run<T>> {
  const calls: MockCallArgs[] = [];
  const answer = (args: MockCallArgs): MockCallResult => {
    if (args.token === "pulumi:pulumi:readStackResourceOutputs") {
      const resources = Object.entries(state).map(([urn, of]) => {
        const type = urn.split("::")[2]?.split("$").at(-1);
        return [urn, { type, outputs: of }];
      });
      return { name: STACK, outputs: Object.fromEntries(resources) };
    }
    calls.push(args);
    try {
      return call(args);
    } catch (error) {
      // As in gRPC's errors.
      throw Object.assign(error as Error, { details: (error as Error).message });
    }
  };
  const known = exists || !preview;
  const newResource = (args: MockResourceArgs): MockResourceResult => {
    if (args.type === "pulumi:pulumi:StackReference") {
      return { id: args.id, state: { outputs, secretOutputNames: ["privateKey"] } };
    }
    return known ? created(args) : { id: undefined, state: {} };
  };
  const mocks = { call: answer, newResource };
  await pulumi.runtime.setMocks(mocks, PROJECT, STACK, preview, "organization");
  const registered = recordRequests();
  const { warnings, restore } = recordWarnings();
  try {
    const result = await program();
    await settled(() => registered.length + calls.length);
    registered.sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
    return { result, registered, find: finder(registered), calls, warnings };
  } finally {
    restore();
  }
}

/** Waits until there are no more requests: an answer may lead to another request. */
async function settled(asked: () => number): Promise<void> {
  const runtime = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };
  for (let before = -1; before !== asked(); ) {
    before = asked();
    await runtime.waitForRPCs();
    await new Promise(setImmediate);
  }
}

/** Records warnings, which go to the terminal without an engine. */
function recordWarnings(): { warnings: string[]; restore(): void } {
  const log = pulumi.log as { warn: typeof pulumi.log.warn };
  const { warn } = log;
  const warnings: string[] = [];
  log.warn = async (message) => {
    warnings.push(message);
  };
  return {
    warnings,
    restore: () => {
      log.warn = warn;
    },
  };
}

function finder(registered: Registered[]): Run<unknown>["find"] {
  return (name, type = "") => {
    const found = registered.filter((one) => one.name === name && one.type.startsWith(type));
    if (found.length !== 1) throw new Error(`${found.length} resources are called ${name}`);
    return found[0] as Registered;
  };
}

/** Records requests to the engine. Mocks get only the inputs; requests also have options and secrets. */
function recordRequests(): Registered[] {
  const registered: Registered[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterResourceRequest, callback: unknown): Promise<void>;
    registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: unknown): void;
    newUrn(parent: string, type: string, name: string): string;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const secrets: string[] = [];
    const raw = request.getObject()?.toJavaScript() as Inputs;
    registered.push({
      type: request.getType(),
      name: request.getName(),
      urn: monitor.newUrn(request.getParent(), request.getType(), request.getName()),
      inputs: plain(raw, "", secrets) as Inputs,
      secrets,
      parentUrn: request.getParent(),
      parent: nameOf(request.getParent()),
      dependsOn: request.getDependenciesList().map(nameOf).sort(),
      deletedWith: nameOf(request.getDeletedwith()),
      ignoreChanges: request.getIgnorechangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      deleteBeforeReplaceDefined: request.getDeletebeforereplacedefined(),
      retainOnDelete: request.getRetainondelete() ?? false,
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      provider: request.getProvider().split("::").at(-2) ?? "",
      outputs: {},
    });
    return register(request, callback);
  };
  const complete = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const component = registered.find(({ urn }) => urn === request.getUrn());
    const raw = request.getOutputs()?.toJavaScript() as Inputs;
    if (component) component.outputs = plain(raw, "", []) as Inputs;
    complete(request, callback);
  };
  return registered;
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function plain(value: Value, path: string, secrets: string[]): Value {
  if (Array.isArray(value)) {
    return value.map((item, index) => plain(item, `${path}[${index}]`, secrets));
  }
  if (typeof value !== "object" || value === null) return value;
  if (value[SIGNATURE] === SECRET) {
    secrets.push(path);
    return plain(value.value as Value, path, secrets);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      plain(item, path ? `${path}.${key}` : key, secrets),
    ]),
  );
}

/** The script of a command. */
export interface Script {
  variables: Record<string, string>;
  text: string;
}

/** What a command runs: the variables on its standard input, as a shell reads them, and the script. */
export function scriptOf({ name, inputs }: Registered): Script {
  assert.equal(inputs.create, 'eval "$(cat)"', name);
  // Otherwise the plugin runs `create` again on each change of an input.
  assert.equal(inputs.update, inputs.create, name);
  assert.equal(inputs.environment, undefined, name);
  const { stdin } = inputs;
  assert.ok(typeof stdin === "string" && stdin !== UNKNOWN, `${name}: its script is not known`);
  return parseScript(stdin);
}

/** The Compose file that a command deploys. */
export function documentOf(resource: Registered): ComposeDocument {
  return parse(scriptOf(resource).variables.COMPOSE ?? "") as ComposeDocument;
}

/** What a resource runs on a host when it is deleted, by SSH from this machine. It runs nothing before. */
export function removedBy({ name, inputs, secrets }: Registered): Script {
  assert.deepEqual(
    [inputs.create, inputs.update, inputs.delete],
    ["true", "true", 'eval "$(cat)"'],
    name,
  );
  assert.ok(secrets.includes("stdin"), `${name}: there is a key in it`);
  const { variables } = parseScript(inputs.stdin as string);
  return parseScript(variables.REMOVAL ?? "");
}

/** Splits a script from the variables before it: `NAME='value'` each, nothing but the quoted value. */
export function parseScript(stdin: string): Script {
  const { variables, text } = splitVariables(stdin);
  assert.ok(
    text.startsWith("#!/bin/sh\n"),
    `no script begins at ${JSON.stringify(text.slice(0, 80))}`,
  );
  return { variables, text };
}

/** The variables of a host's user data, and the text below them. */
export function parseUserData(data: Value | undefined): Script {
  const shebang = "#!/usr/bin/env bash\n";
  assert.ok(typeof data === "string" && data.startsWith(shebang), "there is no user data");
  return splitVariables(data.slice(shebang.length));
}

function splitVariables(given: string): Script {
  const variables: Record<string, string> = {};
  const assignment = /([A-Z_]+)='((?:[^']|'\\'')*)'\n/y;
  let end = 0;
  for (let found = assignment.exec(given); found; found = assignment.exec(given)) {
    const [, name = "", quoted = ""] = found;
    assert.ok(!(name in variables), `${name} is assigned twice`);
    variables[name] = quoted.replaceAll("'\\''", "'");
    end = assignment.lastIndex;
  }
  return { variables, text: given.slice(end) };
}

/** An output's value, once it has one. Never hangs: it returns an unknown value as such. */
export async function promiseOf<T>(
  given: Output<T>,
): Promise<{ value: T; known: boolean; secret: boolean }> {
  const internals = given as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
  return {
    value: await internals.promise(),
    known: await internals.isKnown,
    secret: await pulumi.isSecret(given),
  };
}

class Machine extends CustomResource {
  constructor(name: string) {
    super("test:index:Machine", name, {});
  }
}

/** Minimal hosts that fulfil the contract, without a cloud. */
export function fakeHosts(workerCount: number): Hosts {
  const host = (name: string) => {
    const resource: Resource & { id: Output<string> } = new Machine(name);
    return {
      name,
      id: resource.id,
      privateAddress: pulumi.output(`10.0.0.${name}`),
      hostKey: pulumi.output(publicKeyOf(name)),
      resource,
    };
  };
  const endpoint = { address: "127.0.0.1", port: pulumi.output(22) };
  const privateKey = pulumi.secret(privateKeyOf("client"));
  return {
    manager: {
      ...host("manager"),
      ssh: endpoint,
      bastion: endpoint,
      connection: {
        host: endpoint.address,
        user: "root",
        privateKey,
        hostKey: publicKeyOf("manager"),
      },
      boot: new Machine("manager-boot"),
    },
    workers: Array.from({ length: workerCount }, (_, index) => host(`worker-${index}`)),
    clientKey: { privateKey, publicKey: pulumi.output(publicKeyOf("client")) },
  };
}

/** For `describe` blocks that apply to previews and updates. */
export function inPreviewAndUpdate(tests: (preview: boolean) => void): void {
  for (const preview of [true, false]) {
    describe(preview ? "in a preview" : "in an update", () => tests(preview));
  }
}
