import type { Field, Fields } from "./fields";
import { isObject, mapValues, type Properties, UNKNOWN, type Value } from "./values";

/**
 * After create the official plugin leaves unset numbers, booleans and maps null, after a refresh they are their type's
 * zero.
 */
export type Blank = "null" | "zero";

/** Inputs in the state's form: all fields present, sets in order, no notes. */
export function shape(fields: Fields, inputs: Properties, blank: Blank): Properties {
  return mapValues(fields, (field, key) => {
    const value = inputs[key];
    if (value !== undefined && value !== null) return shapeValue(field, value, blank);
    if (field.default !== undefined) return field.default;
    return field.items?.fields || (field.items && field.computed) ? [] : null;
  });
}

function shapeValue(field: Field, value: Value, blank: Blank): Value {
  const { items, fields } = field;
  if (items && Array.isArray(value)) {
    const shaped = value.map((item) => shapeValue(items, item, blank));
    return field.type === "set" ? shaped.sort(byContent) : shaped;
  }
  if (!fields || !isObject(value)) return value;
  return mapValues(fields, (inner, key) => {
    const item = value[key];
    return item === undefined || item === null
      ? (inner.default ?? empty(inner, blank))
      : shapeValue(inner, item, blank);
  });
}

/** The value of an unset field in an object. */
function empty({ type }: Field, blank: Blank): Value {
  if (type === "string") return "";
  if (type === "list" || type === "set") return [];
  if (blank === "null") return null;
  return { number: 0, boolean: false, map: {} }[type as "number"] ?? null;
}

/** Sets are ordered by their items' values, these by their names. */
function byContent(a: Value, b: Value): number {
  const content = (value: Value) =>
    JSON.stringify(
      isObject(value)
        ? Object.keys(value)
            .sort()
            .map((key) => value[key])
        : value,
    );
  return content(a) < content(b) ? -1 : 1;
}

/** The state as far as a preview knows it: computed values are unknown. */
export function planned(fields: Fields, inputs: Properties): Properties {
  return mapValues(fields, (field, key) => plannedValue(field, inputs[key]));
}

function plannedValue(field: Field, value: Value | undefined): Value {
  const { items, fields } = field;
  if (value === undefined || value === null) {
    return field.computed ? UNKNOWN : (field.default ?? null);
  }
  if (items && Array.isArray(value)) return value.map((item) => plannedValue(items, item));
  if (fields && isObject(value)) return planned(fields, value);
  return value;
}

/** The same in the state's form. */
export function plannedState(fields: Fields, inputs: Properties): Properties {
  const known = mapValues(planned(fields, inputs), (value) => value ?? undefined) as Properties;
  return { ...shape(fields, known, "null"), id: UNKNOWN };
}

export function labelList(labels: Record<string, string> | null | undefined): Properties[] {
  return Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}
