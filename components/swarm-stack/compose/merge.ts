import { isDeepStrictEqual } from "node:util";
import { isMapping, list, type Mapping, mapping, type Path, pairs, type Value } from "./values";

/** Keys of a service whose later value replaces the earlier one completely. */
const REPLACED = ["command", "entrypoint", "healthcheck.test"];
/** Keys that are either a mapping or a list of NAME=value. */
const PAIRS = ["environment", "labels", "build.args", "build.labels", "sysctls", "annotations"];
/** Keys that are either a mapping or a list of its names. */
const NAMES = ["depends_on", "networks"];
/** Lists whose entries each have a different target in the container. */
const TARGETS = ["volumes", "configs", "secrets"];

/** Merges a service into another one by the specification's rules: `over` adds values and replaces them. */
export function mergeServices(base: Mapping, over: Mapping): Mapping {
  return merged(base, over, []) as Mapping;
}

function merged(base: Value, over: Value, path: Path): Value {
  const key = path.join(".");
  if (over === undefined || over === null) return base;
  if (base === undefined || base === null || REPLACED.includes(key)) return over;
  if (PAIRS.includes(key) || key === "deploy.labels") return { ...pairs(base), ...pairs(over) };
  if (NAMES.includes(key)) return mergedMappings(byName(base, key), byName(over, key), path);
  if (isMapping(base) && isMapping(over)) return mergedMappings(base, over, path);
  if (!Array.isArray(base) && !Array.isArray(over)) return over;
  const earlier = Array.isArray(base) ? base : [base];
  const later = Array.isArray(over) ? over : [over];
  const replaced = (one: Value) =>
    later.some(
      (other) =>
        isDeepStrictEqual(one, other) ||
        (TARGETS.includes(key) && targetOf(one, key) === targetOf(other, key)),
    );
  return [...earlier.filter((one) => !replaced(one)), ...later];
}

function mergedMappings(base: Mapping, over: Mapping, path: Path): Mapping {
  const result: Mapping = { ...base };
  for (const [name, value] of Object.entries(over)) {
    result[name] = merged(base[name], value, [...path, name]);
  }
  return result;
}

function byName(value: Value, key: string): Mapping {
  if (!Array.isArray(value)) return mapping(value);
  const inner = key === "depends_on" ? { condition: "service_started" } : null;
  return Object.fromEntries(list(value).map((name) => [`${name as string}`, inner]));
}

/** The path of a volume, config or secret in the container. */
function targetOf(entry: Value, key: string): string {
  if (isMapping(entry)) return `${(entry.target ?? entry.source) as string}`;
  const text = `${entry as string}`;
  if (key !== "volumes") return text;
  const [first = "", second] = text.split(":");
  return second ?? first;
}
