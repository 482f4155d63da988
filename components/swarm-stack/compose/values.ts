/** A value in YAML. */
export type Value = string | number | boolean | null | undefined | Value[] | Mapping;
export interface Mapping {
  [key: string]: Value;
}
export type Path = (string | number)[];

export function isMapping(value: Value): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a mapping; else an empty one. */
export function mapping(value: Value): Mapping {
  return isMapping(value) ? value : {};
}

export function list(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

export function texts(value: Value): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    one === undefined || one === null ? [] : [`${one as string | number | boolean}`],
  );
}

/** The value with each text in it changed. Keys stay. */
export function mapTexts(
  value: Value,
  change: (text: string, path: Path) => string,
  path: Path = [],
): Value {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => mapTexts(item, change, [...path, index]));
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change, [...path, key])]),
  );
}

/** `services.web.ports[0]` */
export function keyOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${part}`))
    .join("");
}

/** The pairs of a list of `NAME=value`, or of a mapping. A name without a value is null. */
export function pairs(value: Value): Record<string, string | null> {
  const given: [string, Value][] = Array.isArray(value)
    ? value.map((entry) => {
        const [, name = "", text] = /^([^=]*)(?:=([\s\S]*))?$/.exec(`${entry as string}`) ?? [];
        return [name, text ?? null];
      })
    : Object.entries(mapping(value));
  return Object.fromEntries(
    given.map(([name, inner]) => [
      name,
      inner === null || inner === undefined ? null : `${inner as string | number | boolean}`,
    ]),
  );
}
