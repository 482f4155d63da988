import { randomBytes } from "node:crypto";
import type { Field, Fields } from "./fields";
import type { Checked } from "./plugin";
import { isObject, type Properties, reveal, UNKNOWN, type Value } from "./values";

type Failures = Checked["failures"];

/** The key under which the official plugin records which inputs it filled in. */
const DEFAULTS = "__defaults";

/**
 * Refuses what the official plugin refuses, and fills in its defaults.
 *
 * @param zeros whether defaults that are the type's zero are filled in too: plugins differ, by the age of their bridge
 */
export function checkInputs(
  fields: Fields,
  inputs: Properties,
  { olds, urn }: { olds: Properties; urn: string },
  zeros: boolean,
): Checked {
  const name = urn.split("::").pop() ?? "";
  const failures: Failures = [];
  const checked = checkObject(fields, reveal(inputs) as Properties, "", (path, reason) =>
    failures.push({ property: "", reason: `${reason}. Examine values at '${name}.${path}'.` }),
  );
  return { inputs: checked, failures };

  function checkObject(
    among: Fields,
    given: Properties,
    prefix: string,
    fail: (path: string, reason: string) => void,
  ): Properties {
    const filledIn: string[] = [];
    const result: Properties = {};
    for (const [key, field] of Object.entries(among)) {
      const path = prefix + key;
      let value: Value | undefined = given[key] ?? undefined;
      if (value === undefined) {
        const byDefault = zeros ? field.default : field.default || undefined;
        value = path === "name" || field.autonamed ? automaticName(path) : byDefault;
        if (value !== undefined) filledIn.push(key);
      }
      if (value !== undefined) result[key] = checkValue(field, value, path, fail);
      else if (field.required) fail(path, missing(key));
    }
    for (const key of Object.keys(given)) {
      if (key === DEFAULTS || (among[key] && !among[key].output)) continue;
      fail(prefix + key, "Invalid or unknown key");
    }
    return { [DEFAULTS]: filledIn.sort(), ...result };
  }

  function checkValue(
    field: Field,
    value: Value,
    path: string,
    fail: (path: string, reason: string) => void,
  ): Value {
    if (value === UNKNOWN || field.type === "any") return value;
    if (!ACCEPTS[field.type](value)) {
      fail(
        path,
        `expected ${field.type} type, got ${JSON.stringify(value)} of type ${typeof value}`,
      );
      return value;
    }
    const { items } = field;
    if (items && Array.isArray(value)) {
      return value.map((item, index) => checkValue(items, item, `${path}[${index}]`, fail));
    }
    if (items && isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        checkValue(items, item, `${path}.${key}`, fail);
      }
    }
    if (field.fields && isObject(value)) {
      return checkObject(field.fields, value, `${path}.`, fail);
    }
    return value;
  }

  /** The name that the official plugin generates once and then keeps. */
  function automaticName(key: string): Value {
    const kept = Array.isArray(olds[DEFAULTS]) && olds[DEFAULTS].includes(key) && olds[key];
    return kept || `${name}-${randomBytes(4).toString("hex").slice(1)}`;
  }
}

function missing(key: string): string {
  const argument = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `Missing required argument. The argument "${argument}" is required, but no definition was found.`;
}

const ACCEPTS: Record<Field["type"], (value: Value) => boolean> = {
  string: (value) => typeof value === "string",
  number: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  list: Array.isArray,
  set: Array.isArray,
  map: isObject,
  object: isObject,
  asset: () => false,
  any: () => true,
};

/** Whether the plugin generated the resource's name, so that two of it can coexist. */
export function isAutomaticallyNamed(inputs: Properties): boolean {
  const filledIn = inputs[DEFAULTS];
  return Array.isArray(filledIn) && ["name", "keyName"].some((name) => filledIn.includes(name));
}

/** The inputs that correspond to the state that a refresh found. */
export function refreshedInputs(
  inputs: Properties,
  state: Properties,
  differs: (key: string) => boolean,
): Properties {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      if (key === DEFAULTS || !differs(key)) return [key, value];
      return [key, asInput(state[key] ?? null)];
    }),
  );
}

function asInput(value: Value): Value {
  if (Array.isArray(value)) return value.map(asInput);
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, item]) => !isZero(item));
  return {
    [DEFAULTS]: [],
    ...Object.fromEntries(given.map(([key, item]) => [key, asInput(item)])),
  };
}

/** A value that the official plugin treats as missing. */
export function isZero(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) {
    return true;
  }
  return typeof value === "object" && Object.keys(value).length === 0;
}
