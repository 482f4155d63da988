import { checkInputs } from "../lib/bridge-inputs";
import type { Field, Fields } from "../lib/fields";
import type { Checked } from "../lib/plugin";
import { isObject, mapValues, type Properties, reveal, UNKNOWN, type Value } from "../lib/values";

/** Checks inputs as for docker, but accepts strings for numbers and numbers for strings. */
export function checkDigitalOcean(
  fields: Fields,
  inputs: Properties,
  context: { olds: Properties; urn: string },
): Checked {
  const given = convertAll(fields, reveal(inputs) as Properties);
  return checkInputs(fields, given, context, true);
}

function convertAll(fields: Fields, inputs: Properties): Properties {
  return mapValues(inputs, (value, key) => {
    const field = fields[key];
    return field ? convert(field, value) : value;
  });
}

function convert({ type, items, fields }: Field, value: Value): Value {
  if (value === UNKNOWN) return value;
  if (items && Array.isArray(value)) return value.map((item) => convert(items, item));
  if (fields && isObject(value)) return convertAll(fields, value);
  if (type === "string" && ["number", "boolean"].includes(typeof value)) return String(value);
  if (typeof value !== "string") return value;
  if (type === "number" && /^-?\d+$/.test(value)) return Number(value);
  if (type === "boolean" && /^(true|false)$/.test(value)) return value === "true";
  return value;
}
