import { setMaxListeners } from "node:events";
import {
  connectivityState,
  credentials,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Properties, reveal } from "./values";

/** A plugin's functions for one type of resource. Each is one call of the engine. */
export interface ResourceType {
  check(inputs: Properties, context: { olds: Properties; urn: string }): Checked;
  diff(state: Properties, inputs: Properties, urn: string): Difference;
  /** In a preview nothing may be created, and values that cannot be known are UNKNOWN. */
  create(call: Call, inputs: Properties): Promise<{ id: string; state: Properties }>;
  update(call: Call, id: string, state: Properties, inputs: Properties): Promise<Properties>;
  /** Resolves to undefined if the resource no longer exists. */
  read(call: Call, id: string, state: Properties, inputs: Properties): Promise<Found | undefined>;
  delete(call: Call, id: string, state: Properties): Promise<void>;
}

export interface Checked {
  inputs: Properties;
  failures: { property: string; reason: string }[];
}

export interface Found {
  state: Properties;
  inputs: Properties;
}

export type ChangeKind = "ADD" | "DELETE" | "UPDATE";

/** Paths of changed properties, such as `volumes[0].readOnly`. */
export interface Difference {
  changes: { path: string; kind: ChangeKind; replaces: boolean }[];
  /** Properties that an update does not change. */
  stables?: string[];
  deleteBeforeReplace?: boolean;
}

/** A function's context besides its properties. */
export interface Call {
  urn: string;
  preview: boolean;
  /** Aborted when the engine cancels because its user interrupts it. */
  signal: AbortSignal;
  log(severity: "info" | "warning" | "error", message: string, shown?: "now" | "kept"): void;
}

export interface Plugin {
  name: string;
  version: string;
  /**
   * The provider's own configuration in the form to store.
   *
   * @throws InvalidArguments when it is wrong
   */
  checkConfig(news: Properties): Properties | Promise<Properties>;
  /** Undefined if the official plugin does not implement it: the engine then compares itself. */
  diffConfig?(): rpc.DiffResponse;
  configure(config: Properties): rpc.ConfigureResponse;
  resources: Record<string, ResourceType>;
  /**
   * Functions that programs call by a name such as `aws:ec2/getAmi:getAmi`, with arguments without secret marks. Unlike
   * in resources' errors, {@link InvalidArguments} names the wrong argument.
   */
  functions?: Record<string, (args: Properties, signal: AbortSignal) => Promise<Properties>>;
}

/** Thrown if arguments of a function, or a provider's configuration, are wrong. */
export class InvalidArguments extends Error {
  constructor(readonly failures: Checked["failures"]) {
    super(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
  }
}

/**
 * Thrown by create and update if the resource exists but is incomplete: the engine keeps it in its state, and the next
 * `up` continues from there.
 */
export class InitializationFailed extends Error {
  constructor(
    readonly id: string,
    readonly state: Properties,
    readonly inputs: Properties,
    reason: string,
  ) {
    super(reason);
  }
}

/** Compose files and logs may exceed gRPC's default of 4 MB; this is the engine's limit. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};
/** How often to check whether the engine still runs, and the timeout of each check. */
const ENGINE_CHECK_MS = 2_000;
const ENGINE_ANSWER_MS = 3_000;

/** Serves the plugin on a free port of the loopback, printed on stdout, until the engine ends. */
export async function serve(plugin: Plugin, engineAddress: string | undefined): Promise<Server> {
  const host = new Engine();
  if (engineAddress) host.connect(engineAddress);
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(ResourceProviderService, service(plugin, host));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  return server;
}

/** The plugin's connection to the engine: it receives logs, and the plugin ends with it. */
class Engine {
  private client: EngineClient | undefined;
  /** Calls may overtake each other; log lines must not. */
  private sent: Promise<void> = Promise.resolve();

  connect(address: string): void {
    const client = new EngineClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.client?.close();
    this.client = client;
    setInterval(() => {
      if (this.client !== client) return;
      client.waitForReady(Date.now() + ENGINE_ANSWER_MS, (error) => {
        // An engine that is only slow, on a loaded machine, is still being connected to.
        const refused =
          client.getChannel().getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE;
        if (error && refused && this.client === client) process.exit(0);
      });
    }, ENGINE_CHECK_MS).unref();
  }

  log(urn: string, severity: engine.LogSeverity, message: string, ephemeral: boolean): void {
    const { client } = this;
    if (!client) return;
    const request = new engine.LogRequest();
    request.setUrn(urn);
    request.setSeverity(severity);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    this.sent = this.sent.then(
      () => new Promise((resolve) => client.log(request, () => resolve())),
    );
  }

  /** Resolves once everything logged has arrived. */
  logged(): Promise<void> {
    return this.sent;
  }
}

const SEVERITY = {
  info: engine.LogSeverity.INFO,
  warning: engine.LogSeverity.WARNING,
  error: engine.LogSeverity.ERROR,
};

function service(plugin: Plugin, host: Engine) {
  const cancelled = new AbortController();
  // Each of the engine's concurrent calls listens to it.
  setMaxListeners(0, cancelled.signal);

  function resourceType(urn: string): ResourceType {
    const type = urn.split("::")[2]?.split("$").pop() ?? "";
    const found = plugin.resources[type];
    if (!found) throw new Error(`the ${plugin.name} stand-in has no resource type ${type}`);
    return found;
  }

  function callOf(urn: string, preview: boolean): Call {
    return {
      urn,
      preview,
      signal: cancelled.signal,
      log: (severity, message, shown = "kept") =>
        host.log(urn, SEVERITY[severity], message, shown === "now"),
    };
  }

  /** Answers a call with the result of `work`, or with its error in the engine's form. */
  function answer<Request, Response>(
    work: (request: Request) => Response | Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return async ({ request }, callback) => {
      try {
        const response = await work(request);
        await host.logged();
        callback(null, response);
      } catch (error) {
        await host.logged();
        callback(serviceError(error));
      }
    };
  }

  const { diffConfig } = plugin;
  return {
    getPluginInfo: answer(() => new PluginInfo().setVersion(plugin.version)),
    attach: answer<{ getAddress(): string }, Empty>((request) => {
      host.connect(request.getAddress());
      return new Empty();
    }),
    cancel: answer(() => {
      cancelled.abort(new Error("cancelled"));
      return new Empty();
    }),
    checkConfig: answer(async (request: rpc.CheckRequest) => {
      try {
        const checked = await plugin.checkConfig(properties(request.getNews()));
        return new rpc.CheckResponse().setInputs(struct(checked));
      } catch (error) {
        if (!(error instanceof InvalidArguments)) throw error;
        return new rpc.CheckResponse().setFailuresList(checkFailures(error.failures));
      }
    }),
    ...(diffConfig && { diffConfig: answer(() => diffConfig()) }),
    configure: answer((request: rpc.ConfigureRequest) =>
      plugin.configure(properties(request.getArgs())),
    ),
    check: answer((request: rpc.CheckRequest) => {
      const urn = request.getUrn();
      const olds = properties(request.getOlds());
      const { inputs, failures } = resourceType(urn).check(properties(request.getNews()), {
        olds,
        urn,
      });
      return new rpc.CheckResponse()
        .setInputs(struct(inputs))
        .setFailuresList(checkFailures(failures));
    }),
    diff: answer((request: rpc.DiffRequest) => {
      const urn = request.getUrn();
      const difference = resourceType(urn).diff(
        properties(request.getOlds()),
        properties(request.getNews()),
        urn,
      );
      const ignored = request.getIgnorechangesList();
      const changes = difference.changes.filter(
        ({ path }) => !ignored.some((prefix) => isWithin(path, prefix)),
      );
      return diffResponse({ ...difference, changes });
    }),
    create: answer(async (request: rpc.CreateRequest) => {
      const call = callOf(request.getUrn(), request.getPreview());
      const created = await resourceType(call.urn).create(
        call,
        properties(request.getProperties()),
      );
      return new rpc.CreateResponse().setId(created.id).setProperties(struct(created.state));
    }),
    update: answer(async (request: rpc.UpdateRequest) => {
      const call = callOf(request.getUrn(), request.getPreview());
      const state = await resourceType(call.urn).update(
        call,
        request.getId(),
        properties(request.getOlds()),
        properties(request.getNews()),
      );
      return new rpc.UpdateResponse().setProperties(struct(state));
    }),
    invoke: answer(async (request: rpc.InvokeRequest) => {
      const name = request.getTok();
      const work = plugin.functions?.[name];
      if (!work) throw new Error(`the ${plugin.name} stand-in has no function ${name}`);
      const args = reveal(properties(request.getArgs())) as Properties;
      try {
        return new rpc.InvokeResponse().setReturn(struct(await work(args, cancelled.signal)));
      } catch (error) {
        if (!(error instanceof InvalidArguments)) throw error;
        return new rpc.InvokeResponse().setFailuresList(checkFailures(error.failures));
      }
    }),
    read: answer(async (request: rpc.ReadRequest) => {
      const call = callOf(request.getUrn(), false);
      const found = await resourceType(call.urn).read(
        call,
        request.getId(),
        properties(request.getProperties()),
        properties(request.getInputs()),
      );
      const response = new rpc.ReadResponse();
      if (!found) return response;
      return response
        .setId(request.getId())
        .setProperties(struct(found.state))
        .setInputs(struct(found.inputs));
    }),
    delete: answer(async (request: rpc.DeleteRequest) => {
      const call = callOf(request.getUrn(), false);
      await resourceType(call.urn).delete(
        call,
        request.getId(),
        properties(request.getProperties()),
      );
      return new Empty();
    }),
  };
}

function checkFailures(failures: Checked["failures"]): rpc.CheckFailure[] {
  return failures.map(({ property, reason }) =>
    new rpc.CheckFailure().setProperty(property).setReason(reason),
  );
}

function serviceError(error: unknown): ServiceError {
  const details = errorMessage(error);
  const metadata = new Metadata();
  if (error instanceof InitializationFailed) {
    const failed = new rpc.ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(struct(error.state))
      .setInputs(struct(error.inputs))
      .setReasonsList([details]);
    const packed = new Any();
    packed.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const reported = new Status().setCode(status.UNKNOWN).setMessage(details);
    reported.addDetails(packed);
    // gRPC's key for an error's details.
    metadata.add("grpc-status-details-bin", Buffer.from(reported.serializeBinary()));
  }
  return { name: "ServiceError", message: details, code: status.UNKNOWN, details, metadata };
}

/** Whether a changed path lies at or below one that the program named in `ignoreChanges`. */
function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`);
}

function diffResponse({ changes, stables, deleteBeforeReplace }: Difference): rpc.DiffResponse {
  const { DiffChanges } = rpc.DiffResponse;
  const { Kind } = rpc.PropertyDiff;
  const top = (path: string) => path.replace(/[.[].*/s, "");
  const response = new rpc.DiffResponse()
    .setHasdetaileddiff(true)
    .setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
    .setDiffsList([...new Set(changes.map(({ path }) => top(path)))]);
  for (const { path, kind, replaces } of changes) {
    const detail = new rpc.PropertyDiff().setKind(
      Kind[replaces ? (`${kind}_REPLACE` as const) : kind],
    );
    response.getDetaileddiffMap().set(path, detail);
  }
  const replaced = new Set(
    changes.filter((change) => change.replaces).map(({ path }) => top(path)),
  );
  return response
    .setReplacesList([...replaced])
    .setDeletebeforereplace(replaced.size > 0 && deleteBeforeReplace === true)
    .setStablesList((stables ?? []).filter((name) => !replaced.has(name)));
}

function properties(from: Struct | undefined): Properties {
  return (from?.toJavaScript() ?? {}) as Properties;
}

function struct(from: Properties): Struct {
  return Struct.fromJavaScript(from);
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
