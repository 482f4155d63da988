import type { EC2, Tag } from "@aws-sdk/client-ec2";
import type { IAM } from "@aws-sdk/client-iam";
import { compare, differs } from "../lib/bridge-diff";
import { checkInputs, isAutomaticallyNamed, refreshedInputs } from "../lib/bridge-inputs";
import { planned } from "../lib/bridge-state";
import type { Field, Fields } from "../lib/fields";
import { type Call, InitializationFailed, type ResourceType } from "../lib/plugin";
import { isObject, type Properties, UNKNOWN, type Value } from "../lib/values";
import { type Clients, describe, isApiError, unlessGone } from "./clients";

export const text: Field = { type: "string" };
export const number: Field = { type: "number" };
export const flag: Field = { type: "boolean" };
export const map: Field = { type: "map", items: text };
export const texts: Field = { type: "set", items: text };
export const objects: Field = { type: "list", items: { type: "any" } };
export const required = (field: Field): Field => ({ ...field, required: true });
/** A change replaces the resource. */
export const fixed = (field: Field): Field => ({ ...field, replaces: true });
/** Chosen by AWS if the program does not set it. */
export const chosen = (field: Field): Field => ({ ...field, computed: true });
export const output = (field: Field): Field => ({ ...field, computed: true, output: true });
export const byDefault = (field: Field, value: Field["default"]): Field => ({
  ...field,
  default: value,
});
export const tagged: Fields = { tags: map, tagsAll: output(map) };

/** Inputs, whose types were checked before. */
export const str = (value: unknown): string => value as string;
export const optional = <Type = string>(value: unknown): Type | undefined =>
  (value as Type | null) ?? undefined;

/** Empty when there is none. */
export const objectOf = (value: Value | undefined): Properties => (isObject(value) ? value : {});

/** Context for a resource type's functions. */
export interface Session {
  ec2: EC2;
  iam: IAM;
  region: string;
  call: Call;
  /** Whether the field differs between the state and the inputs. */
  changed(key: string): boolean;
}

/** What differs between AWS's resource types. */
export interface AwsType {
  /** Its name in the official plugin's messages. */
  label: string;
  fields: Fields;
  /** IAM's types belong to no region. */
  isGlobal?: true;
  /** Paths below a field whose change replaces the resource, though the field's does not. */
  replacing?(inputs: Properties): string[];
  /** Creates it, in one request, and resolves to its id. */
  create(session: Session, inputs: Properties): Promise<string>;
  /** Completes the creation, in any number of requests; may be repeated. */
  complete?(session: Session, id: string, inputs: Properties): Promise<void>;
  update?(session: Session, id: string, inputs: Properties, state: Properties): Promise<void>;
  /** The state without region and tagsAll; undefined if it no longer exists. */
  read(session: Session, id: string, state: Properties): Promise<Properties | undefined>;
  delete(session: Session, id: string, state: Properties): Promise<void>;
  setTags?(session: Session, id: string, tags: Tags, before: Tags): Promise<void>;
}

export type Tags = Record<string, string>;

/** How long the deletion of a resource with dependents is retried; the official plugin retries for 5 to 20 minutes. */
const DEPENDENTS_MS = 60_000;
const POLL_MS = 500;

/** A resource type as the engine knows it. */
export function resource(type: AwsType, clients: () => Clients): ResourceType {
  const fields: Fields = type.isGlobal
    ? type.fields
    : { ...type.fields, region: chosen(fixed(text)) };

  function session(call: Call, wanted: Properties, state: Properties = {}): Session {
    const known = clients();
    known.signal = call.signal;
    const region = regionOf(wanted);
    return {
      ec2: known.ec2(region),
      iam: known.iam,
      region,
      call,
      changed: (key) => {
        const field = fields[key];
        return field !== undefined && differs(field, state[key], wanted[key]);
      },
    };
  }

  function regionOf({ region }: Properties): string {
    return typeof region === "string" && region !== UNKNOWN ? region : clients().region;
  }

  async function found(
    used: Session,
    id: string,
    state: Properties,
  ): Promise<Properties | undefined> {
    const read = await unlessGone(() => type.read(used, id, state));
    return (
      read && {
        ...read,
        id,
        ...(fields.tagsAll && { tagsAll: read.tags ?? {} }),
        ...(!type.isGlobal && { region: used.region }),
      }
    );
  }

  async function changeTags(used: Session, id: string, inputs: Properties, state: Properties) {
    const tags = (inputs.tags ?? {}) as Tags;
    const before = (state.tagsAll ?? {}) as Tags;
    if (used.changed("tags")) await (type.setTags ?? setEc2Tags)(used, id, tags, before);
  }

  return {
    check: (inputs, context) => checkInputs(fields, inputs, context, false),
    diff: (state, inputs) => {
      const wanted = type.isGlobal ? inputs : { region: regionOf(inputs), ...inputs };
      const difference = compare(fields, state, wanted);
      const replacing = type.replacing?.(inputs) ?? [];
      const changes = difference.changes.map((change) => ({
        ...change,
        replaces: change.replaces || replacing.some((path) => change.path.startsWith(path)),
      }));
      return { ...difference, changes, deleteBeforeReplace: isNamedByProgram(fields, inputs) };
    },
    create: async (call, inputs) => {
      const region: Properties = type.isGlobal ? {} : { region: regionOf(inputs) };
      if (call.preview) {
        const tagsAll: Properties = fields.tagsAll ? { tagsAll: inputs.tags ?? {} } : {};
        return { id: "", state: { ...planned(fields, inputs), ...tagsAll, ...region } };
      }
      const used = session(call, inputs);
      const id = await reporting(`creating ${type.label}`, () => type.create(used, inputs));
      try {
        await type.complete?.(used, id, inputs);
        const state = await found(used, id, inputs);
        if (!state) throw new Error("it is gone again");
        return { id, state };
      } catch (error) {
        const reason = message(`creating ${type.label} (${id})`, error);
        throw new InitializationFailed(id, { ...inputs, ...region, id }, inputs, reason);
      }
    },
    update: async (call, id, state, inputs) => {
      if (call.preview) return previewed(fields, state, inputs);
      const used = session(call, inputs, state);
      return reporting(`updating ${type.label} (${id})`, async () => {
        await type.complete?.(used, id, inputs);
        await changeTags(used, id, inputs, state);
        await type.update?.(used, id, inputs, state);
        const updated = await found(used, id, { ...state, ...inputs });
        if (!updated) throw new Error("it is gone");
        return updated;
      });
    },
    read: (call, id, state, inputs) =>
      reporting(`reading ${type.label} (${id})`, async () => {
        const now = await found(session(call, state), id, state);
        if (!now) return undefined;
        const changed = (key: string) => {
          const field = fields[key];
          return field !== undefined && differs(field, now[key], inputs[key]);
        };
        return { state: now, inputs: refreshedInputs(inputs, now, changed) };
      }),
    delete: (call, id, state) =>
      reporting(`deleting ${type.label} (${id})`, async () => {
        const used = session(call, state);
        await unlessGone(() => whileDependent(call, () => type.delete(used, id, state)));
      }),
  };
}

function isNamedByProgram(fields: Fields, inputs: Properties): boolean {
  return ("name" in fields || "keyName" in fields) && !isAutomaticallyNamed(inputs);
}

/** The state after an update that is only previewed. */
function previewed(fields: Fields, state: Properties, inputs: Properties): Properties {
  const changed = Object.entries(fields).filter(
    ([key, field]) => !field.output && differs(field, state[key], inputs[key]),
  );
  return { ...state, ...Object.fromEntries(changed.map(([key]) => [key, inputs[key] ?? null])) };
}

export async function setEc2Tags({ ec2 }: Session, id: string, tags: Tags, before: Tags) {
  const gone = Object.keys(before).filter((key) => !(key in tags));
  if (gone.length > 0) {
    await ec2.deleteTags({ Resources: [id], Tags: gone.map((Key) => ({ Key })) });
  }
  if (Object.keys(tags).length > 0) {
    await ec2.createTags({ Resources: [id], Tags: tagList(tags) });
  }
}

/** The account's number, from the owner of its default security groups. */
export async function accountOf({ ec2 }: Pick<Session, "ec2">): Promise<string> {
  const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups({
    Filters: [{ Name: "group-name", Values: ["default"] }],
  });
  return group?.OwnerId ?? "";
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags in the state's format: null if there are none. */
export function tagMap(tags: Tag[] | undefined): { tags: Properties | null } {
  const kept = (tags ?? []).filter(({ Key }) => !Key?.startsWith("aws:"));
  if (kept.length === 0) return { tags: null };
  return { tags: Object.fromEntries(kept.map(({ Key = "", Value = "" }) => [Key, Value])) };
}

/** For a request that creates an EC2 resource. */
export function tagSpecification<Kind extends string>(kind: Kind, inputs: Properties) {
  const tags = tagList((inputs.tags ?? {}) as Tags);
  return { TagSpecifications: tags.length > 0 ? [{ ResourceType: kind, Tags: tags }] : undefined };
}

/** Polls until there is an answer. */
export async function poll<Result>(
  { signal }: Call,
  look: () => Promise<Result | undefined>,
): Promise<Result> {
  for (;;) {
    signal.throwIfAborted();
    const result = await look();
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function whileDependent(call: Call, work: () => Promise<void>): Promise<void> {
  const end = Date.now() + DEPENDENTS_MS;
  await poll(call, async () => {
    try {
      await work();
      return true;
    } catch (error) {
      const isDependency =
        isApiError(error) &&
        /^(DependencyViolation|InvalidIPAddress.InUse|DeleteConflict)/.test(error.name);
      if (!isDependency || Date.now() > end) throw error;
      return undefined;
    }
  });
}

function message(doing: string, error: unknown): string {
  return `1 error occurred:\n\t* ${doing}: ${describe(error)}\n\n`;
}

/** Converts an error to the form of the official plugin's. */
async function reporting<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new Error(message(doing, error));
  }
}
