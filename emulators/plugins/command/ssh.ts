import { constants } from "node:os";
import {
  Client,
  type ClientChannel,
  type ServerHostKeyAlgorithm,
  type SFTPWrapper,
  utils,
} from "ssh2";
import { type Call, errorMessage } from "../lib/plugin";
import type { OutputCollector } from "./output";

export interface ConnectionSettings {
  host: string;
  port: number;
  user: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  /** The number of failed dials that are retried; -1 is unlimited. */
  dialErrorLimit: number;
  /** In seconds; 0 is unlimited. */
  perDialTimeout: number;
  /** The server's public key in the format of known_hosts, `ssh-ed25519 AAAA...`. */
  hostKey?: string;
  proxy?: Omit<ConnectionSettings, "proxy">;
}

/** A peer counts as dead after three unanswered keepalives: 40 s. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVES_MISSED = 3;
/** The pause between two dials grows to its maximum, as the official plugin's does. */
const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 5_000;

/** How long a cancelled command has to end before its connection is closed. */
const CANCEL_GRACE_MS = 500;

/** Connects, calls `use` with the connection, and always closes it. */
export async function withConnection<Result>(
  call: Call,
  settings: ConnectionSettings,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const opened: Client[] = [];
  const closeAll = () => {
    for (const client of [...opened].reverse()) client.destroy();
  };
  const onCancel = () => setTimeout(closeAll, CANCEL_GRACE_MS);
  call.signal.addEventListener("abort", onCancel, { once: true });
  try {
    call.signal.throwIfAborted();
    return await use(await dial(call, settings, opened));
  } finally {
    call.signal.removeEventListener("abort", onCancel);
    closeAll();
  }
}

async function dial(call: Call, settings: ConnectionSettings, opened: Client[]): Promise<Client> {
  const { proxy, host, port, dialErrorLimit } = settings;
  requireUsableKeys(settings);
  if (!proxy) {
    return retry(call, "Dial", dialErrorLimit, () => connect(settings, opened));
  }
  try {
    const jump = await retry(call, "Dial proxy", proxy.dialErrorLimit, () =>
      connect(proxy, opened),
    );
    return await retry(call, "Dial from proxy", dialErrorLimit, async () => {
      const socket = await new Promise<ClientChannel>((resolve, reject) => {
        jump.forwardOut("127.0.0.1", 0, host, port, (error, stream) =>
          error ? reject(error) : resolve(stream),
        );
      });
      return connect(settings, opened, socket);
    });
  } catch (error) {
    throw new Error(`proxy: ${errorMessage(error)}`);
  }
}

async function retry<Result>(
  call: Call,
  what: string,
  limit: number,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 0, pause = FIRST_PAUSE_MS; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      call.signal.throwIfAborted();
      if (limit >= 0 && tried >= limit) {
        throw new Error(`after ${tried} failed attempts: ${errorMessage(error)}`);
      }
      call.log("info", `${what} ${tried + 1}/${limit < 0 ? "inf" : limit} failed: retrying`, "now");
    }
    await sleep(pause, call.signal);
    pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function connect(
  settings: Omit<ConnectionSettings, "proxy">,
  opened: Client[],
  sock?: ClientChannel,
): Promise<Client> {
  const pinned = settings.hostKey === undefined ? undefined : parseHostKey(settings.hostKey);
  const client: Client = new Client();
  opened.push(client);
  return new Promise((resolve, reject) => {
    let mismatch = false;
    client
      .on("ready", () => resolve(client))
      .on("error", (error) => {
        const otherKey = mismatch || (pinned && /no matching host key/.test(error.message));
        reject(
          otherKey
            ? new Error("ssh: handshake failed: ssh: host key mismatch")
            : new Error(`ssh: ${error.message}`),
        );
      })
      .on("close", () => reject(new Error("ssh: connection closed before it was ready")))
      .on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
        finish(prompts.map(() => settings.password ?? "")),
      )
      .connect({
        ...(sock ? { sock } : { host: settings.host, port: settings.port }),
        username: settings.user,
        password: settings.password,
        privateKey: settings.privateKey,
        passphrase: settings.privateKeyPassword,
        agent: settings.agentSocketPath ?? process.env.SSH_AUTH_SOCK,
        tryKeyboard: settings.password !== undefined,
        readyTimeout: settings.perDialTimeout * 1000,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: KEEPALIVES_MISSED,
        ...(pinned && {
          algorithms: { serverHostKey: pinned.algorithms },
          hostVerifier: (key: Buffer) => {
            mismatch = !key.equals(pinned.key);
            return !mismatch;
          },
        }),
      });
  });
}

/** Another dial does not make an unreadable key readable. */
function requireUsableKeys({ privateKey, privateKeyPassword, hostKey }: ConnectionSettings): void {
  if (hostKey !== undefined) parseHostKey(hostKey);
  if (privateKey === undefined) return;
  const parsed = utils.parseKey(privateKey, privateKeyPassword);
  if (parsed instanceof Error) throw new Error(`ssh: ${parsed.message}`);
}

function parseHostKey(line: string): { key: Buffer; algorithms: ServerHostKeyAlgorithm[] } {
  const parsed = utils.parseKey(line);
  if (parsed instanceof Error) {
    throw new Error(`failed to parse host key: ssh: ${parsed.message}`);
  }
  // An RSA key signs by several algorithms; the others' names are those of their algorithms.
  const type = parsed.type as ServerHostKeyAlgorithm;
  return {
    key: parsed.getPublicSSH(),
    algorithms: type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type],
  };
}

/** Environment for a remote command. A server refuses names that its configuration does not accept. */
export interface RemoteVariable {
  name: string;
  value: string;
  /** Throws if the command requires the variable. */
  refused(): void;
}

/** Runs a command to its end; rejects unless it exits with 0. */
export async function run(
  client: Client,
  command: string,
  {
    signal,
    variables,
    stdin,
    output,
  }: {
    signal: AbortSignal;
    variables: RemoteVariable[];
    stdin: string | undefined;
    output: OutputCollector;
  },
): Promise<void> {
  let ending: string | undefined = "wait: remote command exited without exit status or exit signal";
  await new Promise<void>((resolve, reject) => {
    client.on("error", (error) => {
      ending = `ssh: connection lost: ${error.message}`;
    });
    sendVariablesFirst(client, variables, reject);
    client.exec(command, (error, stream) => {
      if (error) return reject(new Error(`ssh: command ${command} failed: ${error.message}`));
      const cancel = () => terminate(client, stream);
      stream
        .on("data", (chunk: Buffer) => output.add("stdout", chunk))
        .on("exit", (code: number | null, killedBy?: string) => {
          ending = killedBy ? signalled(killedBy) : code === 0 ? undefined : exited(code ?? -1);
        })
        .on("close", () => {
          signal.removeEventListener("abort", cancel);
          resolve();
        })
        .on("error", () => {});
      stream.stderr.on("data", (chunk: Buffer) => output.add("stderr", chunk));
      signal.addEventListener("abort", cancel, { once: true });
      stream.end(stdin ?? "");
    });
  });
  if (ending === undefined) return;
  throw output.failure(signal.aborted ? `cancelled: ${ending}` : ending, command);
}

const exited = (code: number) => `Process exited with status ${code}`;

function signalled(name: string): string {
  const short = name.replace(/^SIG/, "");
  const number = constants.signals[`SIG${short}` as NodeJS.Signals] ?? 0;
  return `${exited(128 + number)} from signal ${short}`;
}

/** The parts of ssh2 that its types lack. */
interface Internals {
  _protocol: {
    signal(channel: number, name: string): void;
    exec(channel: number, command: string, wantReply: boolean): void;
    env(channel: number, name: string, value: string, wantReply: boolean): void;
  };
  _chanMgr: { _channels: Record<string, { outgoing: { id: number }; _callbacks: Answer[] }> };
}
type Answer = (failed: boolean | Error) => void;

/**
 * Ends a remote command, which a server may leave running when its client only disconnects. ssh2's own `signal` sends
 * nothing once the command's input has ended.
 */
function terminate(client: Client, stream: ClientChannel): void {
  const { outgoing } = stream as unknown as { outgoing: { id: number; state: string } };
  if (outgoing.state === "closed" || outgoing.state === "closing") return;
  (client as unknown as Internals)._protocol.signal(outgoing.id, "TERM");
}

/**
 * Makes the client's next command wait until the server has answered for each variable. ssh2 itself sends variables
 * without requesting an answer, so a refusal would go unnoticed.
 */
function sendVariablesFirst(
  client: Client,
  variables: RemoteVariable[],
  fail: (error: Error) => void,
): void {
  if (variables.length === 0) return;
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const exec = protocol.exec.bind(protocol);
  protocol.exec = (id, command, wantReply) => {
    protocol.exec = exec;
    const callbacks = Object.values(channels._channels).find(
      ({ outgoing }) => outgoing?.id === id,
    )?._callbacks;
    const onExec = callbacks?.pop();
    if (!callbacks || !onExec) return fail(new Error("ssh: the session was closed"));
    const send = ([variable, ...rest]: RemoteVariable[]): void => {
      if (!variable) {
        callbacks.push(onExec);
        exec(id, command, wantReply);
        return;
      }
      callbacks.push((failed) => {
        try {
          if (failed) variable.refused();
          send(rest);
        } catch (error) {
          fail(error as Error);
        }
      });
      protocol.env(id, variable.name, variable.value, true);
    };
    send(variables);
  };
}

export function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.on("close", () => reject(new Error("ssh: connection lost")));
    client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
  });
}
