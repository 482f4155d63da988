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
  /** Such as `/pulumirpc.ResourceProvider/Check`. */
  method: string;
  request?: Properties;
  response?: Properties;
  errors?: string[];
  /** With the plugin's name. */
  metadata?: { name?: string };
}

const CALL =
  /^\/pulumirpc\.ResourceProvider\/(CheckConfig|DiffConfig|Configure|Check|Diff|Create|Read|Update)$/;

/** What depends on nothing but its request; what the plugin does besides is compared where it is real. */
const PURE = ["CheckConfig", "DiffConfig", "Configure", "Check", "Diff"];

/** Longer texts, characters, are cut: plugins only compare them. */
const LONG = 300;

/**
 * The calls to plugins in such a file whose answers can be compared, without secrets and without paths of this machine.
 * Of calls that differ in nothing but texts the first counts.
 *
 * @param folders paths that are replaced, and what stands for them
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
    // What differs is named in a comparison's answer.
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

/** A value without its texts, but for those that are marks. */
function shape(value: Value): Value {
  if (Array.isArray(value)) return value.map(shape);
  if (isObject(value)) {
    return mapValues(value, (each, key) => (key === SIGNATURE ? each : shape(each)));
  }
  return typeof value === "string" && value !== UNKNOWN ? "" : value;
}

/** What stands in recordings for what is secret, long, or of this machine. */
class Masks {
  private readonly masked = new Map<string, string>();

  constructor(private readonly folders: Record<string, string>) {}

  /** Notes the secrets, and the digests by which plugins keep some of them. */
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
