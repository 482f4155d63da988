import { createHash } from "node:crypto";
import {
  isObject,
  isSecret,
  mapValues,
  type Properties,
  SIGNATURE,
  UNKNOWN,
  type Value,
} from "../../../emulators/plugins/lib/values";
import type { Recording } from "../recordings";

/** A line of the file that Pulumi's engine writes when PULUMI_DEBUG_GRPC names it. */
interface Line {
  /** For example `/pulumirpc.ResourceProvider/Check`. */
  method: string;
  request?: Properties;
  response?: Properties;
  errors?: string[];
  /** With the plugin's name. */
  metadata?: { name?: string };
}

const CALL =
  /^\/pulumirpc\.ResourceProvider\/(CheckConfig|DiffConfig|Configure|Check|Diff|Create|Read|Update)$/;

/** Calls whose answers depend only on the request; the others are compared on real services. */
const PURE = ["CheckConfig", "DiffConfig", "Configure", "Check", "Diff"];

/** Longer strings, in characters, are cut: plugins only compare them. */
const LONG = 300;

/**
 * The calls to plugins in such a file whose answers can be compared, without secrets and local paths. Of calls that
 * differ only in strings the first counts.
 *
 * @param folders paths that are replaced, and their replacements
 */
export function recordingsOf(
  log: string,
  session: string,
  folders: Record<string, string>,
): Recording[] {
  const lines: Line[] = log
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const masks = new Masks(folders);
  for (const { request, response } of lines) masks.learn([request ?? null, response ?? null]);
  const recordings = new Map<string, Recording>();
  for (const { method: path, request, response, errors, metadata } of lines) {
    const method = CALL.exec(path)?.[1];
    if (!method || !(PURE.includes(method) || request?.preview)) continue;
    const urn = String(request?.urn ?? "");
    const type = urn.split(/::|\$/).at(-2) ?? `pulumi:providers:${metadata?.name}`;
    const { resourceStatusAddress: _, resourceStatusToken: __, ...said } = request ?? {};
    const asked = masks.apply(said);
    const answer = masks.apply(response ?? null);
    // A comparison's answer names the differences.
    const compared = method.startsWith("Diff") ? answer : shape(answer);
    const key = JSON.stringify([method, type, shape(asked), compared]);
    const call = {
      session,
      method,
      type,
      request: asked,
      response: answer,
      errors: errors ?? null,
    };
    if (!recordings.has(key)) recordings.set(key, call as Recording);
  }
  return [...recordings.values()];
}

/** A value without its strings, except marks. */
function shape(value: Value): Value {
  if (Array.isArray(value)) return value.map(shape);
  if (isObject(value)) {
    return mapValues(value, (each, key) => (key === SIGNATURE ? each : shape(each)));
  }
  return typeof value === "string" && value !== UNKNOWN ? "" : value;
}

/** The replacements in recordings for secret, long and machine-specific values. */
class Masks {
  private readonly masked = new Map<string, string>();

  constructor(private readonly folders: Record<string, string>) {}

  /** Collects the secrets, and the digests that plugins keep of some of them. */
  learn(value: Value, secret = false): void {
    if (value === UNKNOWN) return;
    if (typeof value === "string") {
      if ((secret && value.length > 8) || value.length > LONG) this.note(value);
    } else if (isSecret(value)) this.learn(value.value, true);
    else if (Array.isArray(value)) for (const each of value) this.learn(each, secret);
    else if (isObject(value)) for (const each of Object.values(value)) this.learn(each, secret);
  }

  apply(value: Value): Value {
    if (typeof value === "string") return this.masked.get(value) ?? this.local(value);
    if (Array.isArray(value)) return value.map((each) => this.apply(each));
    if (isObject(value)) return mapValues(value, (each) => this.apply(each));
    return value;
  }

  private note(text: string): void {
    const mask = `<${text.length} characters, ${createHash("sha256").update(text).digest("hex").slice(0, 8)}>`;
    this.masked.set(text, mask);
    this.masked.set(sha1(text), sha1(mask));
  }

  private local(text: string): string {
    return Object.entries(this.folders).reduce(
      (changed, [path, name]) => changed.replaceAll(path, name),
      text,
    );
  }
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
