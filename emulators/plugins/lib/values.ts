/** A property value in transit between engine and plugin: JSON with a few marked objects. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = { [key: string]: Value };

/** The key that marks an object as special; its value is the kind. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Stands for a value that is unknown in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is { value: Value } & Properties {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without any secret marks, at whatever depth. */
export function reveal(value: Value): Value {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isObject(value)) return mapValues(value, reveal);
  return value;
}

/** Whether it is a secret with an unknown value. */
export function isUnknownSecret(value: Value | undefined): boolean {
  return isSecret(value) && value.value === UNKNOWN;
}

/** Unknown secrets in the form of an output without a value, for plugins that accept outputs. */
export function unknownAsOutputs(value: Value): Value {
  if (isUnknownSecret(value)) return { [SIGNATURE]: OUTPUT, secret: true };
  if (Array.isArray(value)) return value.map(unknownAsOutputs);
  if (isObject(value)) return mapValues(value, unknownAsOutputs);
  return value;
}

export function mapValues<From, To>(
  object: Record<string, From>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

export function containsUnknown(value: Value): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return value === UNKNOWN;
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => key in b && equal(a[key], b[key]))
    );
  }
  return a === b;
}
