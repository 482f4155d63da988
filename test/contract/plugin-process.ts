import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import {
  credentials,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../emulators/plugins/lib/values";

/** The stand-in, or the official plugin if a folder with these is given. */
export function executable(name: string): string {
  const folder =
    process.env.SPARK_SWARM_PLUGINS ?? join(__dirname, "../../emulators/plugins", name);
  return join(folder, `pulumi-resource-${name}`);
}

const START_LIMIT_MS = 60_000;

/** The engine's side of a call, as in the recordings. */
export interface Request {
  urn?: string;
  id?: string;
  olds?: Properties;
  news?: Properties;
  oldInputs?: Properties;
  properties?: Properties;
  inputs?: Properties;
  args?: Properties;
  ignoreChanges?: string[];
  preview?: boolean;
}

/** The plugin's side without zero values, as in the recordings. */
export interface Response {
  id?: string;
  inputs?: Properties;
  properties?: Properties;
  failures?: { property?: string; reason?: string }[];
  changes?: string;
  diffs?: string[];
  replaces?: string[];
  stables?: string[];
  detailedDiff?: Record<string, { kind?: string }>;
  deleteBeforeReplace?: boolean;
  hasDetailedDiff?: boolean;
  acceptSecrets?: boolean;
  acceptResources?: boolean;
  acceptOutputs?: boolean;
  supportsPreview?: boolean;
  supportsAutonamingConfiguration?: boolean;
}

export type Method =
  | "CheckConfig"
  | "DiffConfig"
  | "Configure"
  | "Check"
  | "Diff"
  | "Create"
  | "Read"
  | "Update"
  | "Delete"
  | "Cancel";

export interface LogLine {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
  ephemeral: boolean;
}

/** A plugin as the engine runs it: an executable that gets the engine's address. */
export class PluginProcess {
  private constructor(
    readonly process: ChildProcess,
    readonly logs: LogLine[],
    private readonly engine: Server,
    private readonly client: ResourceProviderClient,
  ) {}

  static async start(name: string): Promise<PluginProcess> {
    const engine = new Server();
    const logs: LogLine[] = [];
    engine.addService(EngineService, { log: recordInto(logs) });
    const enginePort = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    const child = spawn(executable(name), [`127.0.0.1:${enginePort}`], {
      stdio: ["ignore", "pipe", "inherit"],
      // The user's SSH agent may have keys that would open what must stay shut.
      env: { ...process.env, SSH_AUTH_SOCK: undefined },
    });
    const port = await portOf(child);
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return new PluginProcess(child, logs, engine, client);
  }

  /** Stops the engine, as when it has finished or was killed. */
  loseEngine(): void {
    this.engine.forceShutdown();
  }

  exited(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode) return Promise.resolve();
    return new Promise((resolve) => this.process.once("exit", () => resolve()));
  }

  async stop(): Promise<void> {
    this.client.close();
    this.loseEngine();
    this.process.kill("SIGKILL");
    await this.exited();
  }

  async call(method: Method, request: Request): Promise<Response> {
    const { client } = this;
    const urn = request.urn ?? "";
    switch (method) {
      case "CheckConfig":
      case "Check": {
        const message = new rpc.CheckRequest().setUrn(urn);
        message.setOlds(struct(request.olds)).setNews(struct(request.news));
        const answer = await unary<rpc.CheckResponse>((done) =>
          method === "Check" ? client.check(message, done) : client.checkConfig(message, done),
        );
        return compact({
          inputs: answer.getInputs()?.toJavaScript() as Properties,
          failures: answer
            .getFailuresList()
            .map((failure) =>
              compact({ property: failure.getProperty(), reason: failure.getReason() }),
            ),
        });
      }
      case "DiffConfig":
      case "Diff": {
        const message = new rpc.DiffRequest().setUrn(urn).setId(request.id ?? "");
        message.setOlds(struct(request.olds)).setNews(struct(request.news));
        message.setOldInputs(struct(request.oldInputs));
        message.setIgnorechangesList(request.ignoreChanges ?? []);
        const answer = await unary<rpc.DiffResponse>((done) =>
          method === "Diff" ? client.diff(message, done) : client.diffConfig(message, done),
        );
        return diffOf(answer);
      }
      case "Configure": {
        const message = new rpc.ConfigureRequest().setArgs(struct(request.args));
        message.setAcceptsecrets(true).setAcceptresources(true);
        const answer = await unary<rpc.ConfigureResponse>((done) =>
          client.configure(message, done),
        );
        return compact({
          acceptSecrets: answer.getAcceptsecrets(),
          acceptResources: answer.getAcceptresources(),
          acceptOutputs: answer.getAcceptoutputs(),
          supportsPreview: answer.getSupportspreview(),
          supportsAutonamingConfiguration: answer.getSupportsAutonamingConfiguration(),
        });
      }
      case "Create": {
        const message = new rpc.CreateRequest().setUrn(urn).setPreview(request.preview ?? false);
        message.setProperties(struct(request.properties));
        const answer = await unary<rpc.CreateResponse>((done) => client.create(message, done));
        return compact({ id: answer.getId(), properties: plain(answer.getProperties()) });
      }
      case "Update": {
        const message = new rpc.UpdateRequest().setUrn(urn).setId(request.id ?? "");
        message.setOlds(struct(request.olds)).setNews(struct(request.news));
        message.setOldInputs(struct(request.oldInputs)).setPreview(request.preview ?? false);
        const answer = await unary<rpc.UpdateResponse>((done) => client.update(message, done));
        return compact({ properties: plain(answer.getProperties()) });
      }
      case "Read": {
        const message = new rpc.ReadRequest().setUrn(urn).setId(request.id ?? "");
        message.setProperties(struct(request.properties)).setInputs(struct(request.inputs));
        const answer = await unary<rpc.ReadResponse>((done) => client.read(message, done));
        return compact({
          id: answer.getId(),
          properties: plain(answer.getProperties()),
          inputs: plain(answer.getInputs()),
        });
      }
      case "Delete": {
        const message = new rpc.DeleteRequest().setUrn(urn).setId(request.id ?? "");
        message.setProperties(struct(request.properties));
        await unary<Empty>((done) => client.delete(message, done));
        return {};
      }
      case "Cancel":
        await unary<Empty>((done) => client.cancel(new Empty(), done));
        return {};
    }
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the plugin printed no port")), START_LIMIT_MS);
    let printed = "";
    child.stdout?.on("data", (chunk) => {
      printed += chunk;
      if (!printed.includes("\n")) return;
      clearTimeout(timer);
      resolve(Number(printed));
    });
  });
}

function unary<Answer>(
  send: (done: (error: ServiceError | null, answer: Answer) => void) => unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) =>
    send((error, answer) => (error ? reject(error) : resolve(answer))),
  );
}

function recordInto(logs: LogLine[]): handleUnaryCall<LogRequest, Empty> {
  const names = new Map(
    Object.entries(LogSeverity).map(([name, value]) => [
      value,
      name.toLowerCase() as LogLine["severity"],
    ]),
  );
  return ({ request }, callback) => {
    logs.push({
      severity: names.get(request.getSeverity()) ?? "debug",
      message: request.getMessage(),
      ephemeral: request.getEphemeral(),
    });
    callback(null, new Empty());
  };
}

function diffOf(answer: rpc.DiffResponse): Response {
  const changes = nameOf(rpc.DiffResponse.DiffChanges, answer.getChanges());
  const detailedDiff: Response["detailedDiff"] = {};
  answer.getDetaileddiffMap().forEach((detail: rpc.PropertyDiff, path: string) => {
    const kind = nameOf(rpc.PropertyDiff.Kind, detail.getKind());
    detailedDiff[path] = compact({ kind: kind === "ADD" ? "" : kind });
  });
  return compact({
    changes: changes === "DIFF_UNKNOWN" ? "" : changes,
    diffs: answer.getDiffsList(),
    replaces: answer.getReplacesList(),
    stables: answer.getStablesList(),
    detailedDiff,
    deleteBeforeReplace: answer.getDeletebeforereplace(),
    hasDetailedDiff: answer.getHasdetaileddiff(),
  });
}

function nameOf(names: object, value: number): string {
  return Object.entries(names).find(([, candidate]) => candidate === value)?.[0] ?? "";
}

function struct(properties: Properties = {}): Struct {
  return Struct.fromJavaScript(properties);
}

function plain(properties: Struct | undefined): Properties | undefined {
  return properties?.toJavaScript() as Properties | undefined;
}

/** Removes zero values, which protobuf does not distinguish from missing ones. */
function compact<Message extends object>(message: Message): Message {
  return Object.fromEntries(
    Object.entries(message).filter(
      ([, value]) =>
        value !== undefined &&
        value !== "" &&
        value !== false &&
        !(typeof value === "object" && Object.keys(value).length === 0),
    ),
  ) as Message;
}
