import { isZero } from "./bridge-inputs";
import type { Field, Fields } from "./fields";
import type { ChangeKind, Difference } from "./plugin";
import { equal, isObject, type Properties, UNKNOWN, type Value } from "./values";

type Change = { path: string; kind: ChangeKind };

/** The changes that bring a resource in `state` to the inputs. */
export function compare(fields: Fields, state: Properties, inputs: Properties): Difference {
  const changes = Object.entries(fields).flatMap(([key, field]) =>
    compareField(key, field, state[key], inputs[key]).map((change) => ({
      ...change,
      replaces: field.replaces === true,
    })),
  );
  const stables = Object.keys(fields).filter((key) => fields[key]?.replaces);
  return { changes, stables: stables.sort() };
}

export function differs(field: Field, old: Value | undefined, now: Value | undefined): boolean {
  return compareField("", field, old, now).length > 0;
}

function compareField(
  path: string,
  field: Field,
  old: Value | undefined,
  now: Value | undefined,
): Change[] {
  if (now === undefined || now === null) {
    return field.computed || isZero(old) ? [] : [{ path, kind: "DELETE" }];
  }
  if (now === UNKNOWN) return [{ path, kind: "UPDATE" }];
  if (isZero(old) && isZero(now)) return [];
  const { items, fields } = field;
  if (field.type === "set" && items) return compareSets(path, field, items, old, now);
  if (field.type === "list" && Array.isArray(old) && Array.isArray(now)) {
    return byIndex(path, old, now, (a, b) => equal(a, b));
  }
  if (field.type === "map" && isObject(old) && isObject(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return keys.flatMap((key) =>
      compareField(`${path}.${key}`, { type: "any" }, old[key], now[key]),
    );
  }
  if (fields && isObject(old) && isObject(now)) {
    return Object.entries(fields).flatMap(([key, inner]) =>
      compareField(`${path}.${key}`, inner, old[key], now[key]),
    );
  }
  if (equal(old, now)) return [];
  return [{ path, kind: isAbsent(old) ? "ADD" : "UPDATE" }];
}

/** Sets have no order: an item counts as new or removed whatever its position. */
function compareSets(
  path: string,
  field: Field,
  items: Field,
  old: Value | undefined,
  now: Value,
): Change[] {
  const before = Array.isArray(old) ? old : [];
  const after = Array.isArray(now) ? now : [];
  const same = (a: Value, b: Value) => !differs(items, a, b);
  const gone = before.map((item) => (after.some((other) => same(item, other)) ? undefined : item));
  const added = after.map((item) => (before.some((other) => same(other, item)) ? undefined : item));
  const changes = byIndex(path, gone, added, () => false);
  // If the engine may choose a whole set of objects, its items cannot be distinguished; nor can one that changed.
  const kinds = new Set(changes.map(({ kind }) => kind));
  if (items.fields && (kinds.size > 1 || (field.computed && kinds.size > 0))) {
    return [{ path, kind: "UPDATE" }];
  }
  return changes;
}

function byIndex(
  path: string,
  olds: (Value | undefined)[],
  news: (Value | undefined)[],
  same: (a: Value, b: Value) => boolean,
): Change[] {
  const changes: Change[] = [];
  for (let index = 0; index < Math.max(olds.length, news.length); index++) {
    const [old, now] = [olds[index], news[index]];
    if (old === undefined && now === undefined) continue;
    if (old !== undefined && now !== undefined && same(old, now)) continue;
    const kind = old === undefined ? "ADD" : now === undefined ? "DELETE" : "UPDATE";
    changes.push({ path: `${path}[${index}]`, kind });
  }
  return changes;
}

const isAbsent = (value: Value | undefined) => value === undefined || value === null;
