import { InvalidArguments } from "../lib/plugin";
import type { Properties, Value } from "../lib/values";

type Scalar = string | number | boolean;
/** One entry of a list that programs filter and sort: strings, numbers, booleans, and lists of strings. */
export type Entry = Record<string, Scalar | Scalar[]>;

interface Filter {
  key: string;
  values: string[];
  all: boolean;
  matchBy: string;
}

/**
 * What the official plugin's list functions do: filter, sort, and return their arguments, too. Keys of filters and
 * sorts are not in camel case, as the entries' are, but in the API's spelling.
 */
export function filtered(
  name: string,
  entries: readonly Entry[],
  keys: readonly string[],
  args: Properties,
): Properties {
  const filters = list(args.filters).map(({ key, values, all, matchBy }) => ({
    key: String(key),
    values: (values as Value[]).map(String),
    all: all === true,
    matchBy: String(matchBy ?? "exact"),
  }));
  const sorts = list(args.sorts).map(({ key, direction }) => ({
    key: String(key),
    direction: String(direction ?? ""),
  }));
  requireKeys("filter", filters, keys);
  requireKeys("sort", sorts, keys);
  const found = entries.filter((entry) => filters.every((filter) => matches(entry, filter)));
  found.sort((a, b) => {
    for (const { key, direction } of sorts) {
      const order = compare(a[camelCase(key)], b[camelCase(key)]);
      if (order !== 0) return direction === "desc" ? -order : order;
    }
    return 0;
  });
  return {
    id: name,
    [name]: found,
    ...(filters.length > 0 && { filters: filters.map((filter) => ({ ...filter })) }),
    ...(sorts.length > 0 && { sorts }),
  };
}

function list(value: Value | undefined): Properties[] {
  return Array.isArray(value) ? (value as Properties[]) : [];
}

function requireKeys(
  argument: string,
  given: readonly { key: string }[],
  keys: readonly string[],
): void {
  const failures = given.flatMap(({ key }, index) => {
    if (keys.includes(key)) return [];
    const known = keys.map((known) => `"${known}"`).join(" ");
    const reason = `[${argument}] expected ${argument}.${index}.key to be one of [${known}], got ${key}`;
    return [{ property: "", reason }];
  });
  if (failures.length > 0) throw new InvalidArguments(failures);
}

function matches(entry: Entry, { key, values, all, matchBy }: Filter): boolean {
  const actual = [entry[camelCase(key)] ?? []].flat();
  const one = (wanted: string) => actual.some((value) => equals(value, wanted, matchBy));
  return all ? values.every(one) : values.some(one);
}

function equals(actual: Scalar, wanted: string, matchBy: string): boolean {
  if (typeof actual === "number") {
    if (!Number.isFinite(Number(wanted)) || wanted.trim() === "") {
      throw new Error(`unable to parse value as integer: ${wanted}`);
    }
    return Math.abs(actual - Number(wanted)) < 1e-6;
  }
  if (typeof actual === "boolean") return actual === (wanted === "true");
  if (matchBy === "re") return new RegExp(wanted).test(actual);
  if (matchBy === "substring") return actual.includes(wanted);
  return actual.toLowerCase() === wanted.toLowerCase();
}

function compare(a: Entry[string] | undefined, b: Entry[string] | undefined): number {
  if (a === b || a === undefined || b === undefined) return 0;
  return a < b ? -1 : 1;
}

function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
