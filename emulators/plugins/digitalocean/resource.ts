import { compare, differs } from "../lib/bridge-diff";
import { isAutomaticallyNamed, refreshedInputs } from "../lib/bridge-inputs";
import { shape } from "../lib/bridge-state";
import type { Field, Fields } from "../lib/fields";
import {
  type Call,
  type Checked,
  type Difference,
  errorMessage,
  InitializationFailed,
  InvalidArguments,
  type ResourceType,
} from "../lib/plugin";
import { isObject, mapValues, type Properties, UNKNOWN, type Value } from "../lib/values";
import type { DigitalOceanClient } from "./client";
import { checkDigitalOcean } from "./inputs";

/** What differs between the resource types: their API calls. */
export interface Work {
  fields: Fields;
  /** Inputs in the state's form; if missing, they are unchanged. */
  normalize?(inputs: Properties): Properties;
  /** The official plugin's checks before anything is created. */
  check?(inputs: Properties): Checked["failures"];
  /** Its checks when it plans. @throws Error */
  plan?(inputs: Properties): void;
  /** @returns the id of what exists from then on, even if a later step fails */
  create(api: DigitalOceanClient, inputs: Properties): Promise<string>;
  /** The rest of creation. */
  settle?(api: DigitalOceanClient, id: string, inputs: Properties): Promise<void>;
  /** Undefined if it no longer exists. `known`, inputs or an earlier state, has what the API does not return. */
  read(api: DigitalOceanClient, id: string, known: Properties): Promise<Properties | undefined>;
  update?(
    api: DigitalOceanClient,
    id: string,
    inputs: Properties,
    before: { state: Properties; changed(key: string): boolean },
  ): Promise<void>;
  delete(api: DigitalOceanClient, id: string, state: Properties): Promise<void>;
}

/** A resource type of the official plugin, with its errors. */
export function resource(connect: (call: Call) => DigitalOceanClient, work: Work): ResourceType {
  const { fields } = work;
  const normalize = (inputs: Properties) => work.normalize?.(inputs) ?? inputs;

  async function read(
    api: DigitalOceanClient,
    id: string,
    known: Properties,
  ): Promise<Properties | undefined> {
    const found = await work.read(api, id, known);
    return found && { ...shape(fields, { ...known, ...found }, "zero"), id };
  }

  async function stateOf(api: DigitalOceanClient, id: string, known: Properties) {
    const state = await read(api, id, known);
    if (!state) throw new Error(`${id} is gone`);
    return state;
  }

  return {
    check: (inputs, context) => {
      const { inputs: checked, failures } = checkDigitalOcean(fields, inputs, context);
      const name = context.urn.split("::").pop();
      const more = [...emptyTexts(fields, checked), ...(work.check?.(checked) ?? [])];
      return {
        inputs: checked,
        failures: [
          ...failures,
          ...more.map(({ property, reason }) => ({
            property: "",
            reason: `${reason}. Examine values at '${name}.${property}'.`,
          })),
        ],
      };
    },
    diff: (state, inputs, urn) => {
      requirePlan(work, urn, inputs);
      return {
        ...compareAll(fields, state, hideUnknownSets(fields, normalize(inputs))),
        // The official plugin assumes that two with the same fixed name cannot coexist.
        deleteBeforeReplace:
          "name" in fields && !isAutomaticallyNamed(inputs) && state.name === inputs.name,
      };
    },
    create: async (call, inputs) => {
      requirePlan(work, call.urn, inputs);
      if (call.preview) return { id: "", state: planned(fields, normalize(inputs)) };
      const api = connect(call);
      const id = await reporting("", () => work.create(api, inputs));
      try {
        await work.settle?.(api, id, inputs);
        return { id, state: await stateOf(api, id, normalize(inputs)) };
      } catch (error) {
        const state = { ...shape(fields, normalize(inputs), "null"), id };
        throw new InitializationFailed(
          id,
          state,
          inputs,
          described(`creating ${call.urn}: `, error),
        );
      }
    },
    update: async (call, id, state, inputs) => {
      const wanted = hideUnknownSets(fields, normalize(inputs));
      const changed = (key: string) => {
        const field = fields[key];
        return field !== undefined && !field.output && differs(field, state[key], wanted[key]);
      };
      const shaped = shape(fields, wanted, "zero");
      const known = {
        ...state,
        ...Object.fromEntries(
          Object.keys(fields).flatMap((key) => (changed(key) ? [[key, shaped[key] ?? null]] : [])),
        ),
      };
      if (call.preview) return known;
      return await reporting(`updating ${call.urn}: `, async () => {
        const api = connect(call);
        await work.update?.(api, id, inputs, { state, changed });
        return await stateOf(api, id, known);
      });
    },
    read: (call, id, state, inputs) =>
      reporting(`refreshing ${call.urn}: `, async () => {
        const found = await read(connect(call), id, state);
        if (!found) return undefined;
        const wanted = normalize(inputs);
        const changed = (key: string) => {
          const field = fields[key];
          return field !== undefined && differs(field, found[key], wanted[key]);
        };
        return { state: found, inputs: refreshedInputs(inputs, found, changed) };
      }),
    delete: (call, id, state) =>
      reporting(`deleting ${call.urn}: `, () => work.delete(connect(call), id, state)),
  };
}

function emptyTexts(fields: Fields, inputs: Properties): Checked["failures"] {
  return Object.entries(fields).flatMap(([property, { type, required }]) =>
    required && type === "string" && inputs[property] === ""
      ? [{ property, reason: `${property} must not be empty, got ` }]
      : [],
  );
}

function requirePlan({ plan }: Work, urn: string, inputs: Properties): void {
  try {
    plan?.(inputs);
  } catch (error) {
    throw new Error(described(`diffing ${urn}: `, error));
  }
}

/** If a set of objects has both new and removed ones, only the change of the set is reported. */
function compareAll(fields: Fields, state: Properties, inputs: Properties): Difference {
  const { changes, stables } = compare(fields, state, inputs);
  const mixed = Object.keys(fields).filter((key) => {
    const kinds = changes.filter(({ path }) => path.startsWith(`${key}[`));
    return fields[key]?.items?.fields && new Set(kinds.map(({ kind }) => kind)).size > 1;
  });
  return {
    changes: [
      ...changes.filter(({ path }) => !mixed.some((key) => path.startsWith(`${key}[`))),
      ...mixed.map((path) => ({ path, kind: "UPDATE" as const, replaces: false })),
    ],
    stables,
  };
}

/** The state as far as a preview knows it: computed values are unknown. */
function planned(fields: Fields, inputs: Properties): Properties {
  const shaped = shape(fields, hideUnknownSets(fields, inputs), "null");
  const state = mapValues(fields, (field, key) =>
    field.computed && !(key in inputs) ? UNKNOWN : (shaped[key] ?? null),
  );
  return { ...state, id: UNKNOWN };
}

/** A set that contains an unknown value is unknown as a whole. */
function hideUnknownSets(fields: Fields, inputs: Properties): Properties {
  return mapValues(inputs, (value, key) => hideUnknown(fields[key], value));
}

function hideUnknown(field: Field | undefined, value: Value): Value {
  if (Array.isArray(value)) {
    if (field?.type === "set" && value.includes(UNKNOWN)) return UNKNOWN;
    return value.map((item) => hideUnknown(field?.items, item));
  }
  return field?.fields && isObject(value) ? hideUnknownSets(field.fields, value) : value;
}

/** Converts an error to the form of the official plugin's. */
export async function reporting<Result>(doing: string, work: () => Promise<Result>) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof InvalidArguments ? error : new Error(described(doing, error));
  }
}

function described(doing: string, error: unknown): string {
  return `${doing}1 error occurred:\n\t* ${errorMessage(error)}\n\n`;
}

/** Adds the operation to an error when work fails, keeping the error's kind. */
export async function doing<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.message = `${what}: ${error.message}`;
    throw error;
  }
}
