import type { ChangeKind, Difference } from "./plugin";
import { equal, isObject, isSecret, isUnknownSecret, type Properties, type Value } from "./values";

type Changes = Difference["changes"];

/** The paths at which two sets of inputs differ, in the engine's notation. */
export function compare(olds: Properties, news: Properties): Changes {
  return compareObjects("", olds, news);
}

function compareObjects(path: string, olds: Properties, news: Properties): Changes {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  return keys.flatMap((key) => compareValues(join(path, key), olds[key], news[key]));
}

function compareValues(path: string, old: Value | undefined, now: Value | undefined): Changes {
  const change = (kind: ChangeKind) => [{ path, kind, replaces: false }];
  if (equal(old, now)) return [];
  if (old === undefined || old === null)
    return now === undefined || now === null ? [] : change("ADD");
  if (now === undefined || now === null) return change("DELETE");
  // An unknown secret may be unchanged, so it is not reported as a change.
  if (isUnknownSecret(now)) return [];
  // A secret is shown as one: the location of the change inside it is part of the secret.
  if (isSecret(old) || isSecret(now)) return change("UPDATE");
  if (Array.isArray(old) && Array.isArray(now)) {
    const indices = [...Array(Math.max(old.length, now.length)).keys()];
    return indices.flatMap((index) => compareValues(`${path}[${index}]`, old[index], now[index]));
  }
  if (isObject(old) && isObject(now)) return compareObjects(path, old, now);
  return change("UPDATE");
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}
