import type { Findings } from "./findings";
import type { Element } from "./project";
import { isMapping, keyOf, type Mapping, type Path, type Value } from "./values";

// The specification also accepts these as text, which they are after `${PORT}`; Docker accepts only their own type.
const NUMBERS = [
  ...["healthcheck.retries", "scale", "pids_limit", "ulimits.*", "ulimits.*.*", "ports.*.target"],
  ...["deploy.replicas", "deploy.placement.max_replicas_per_node"],
  ...["deploy.update_config.parallelism", "deploy.update_config.max_failure_ratio"],
  ...["deploy.rollback_config.parallelism", "deploy.rollback_config.max_failure_ratio"],
  ...["deploy.restart_policy.max_attempts", "deploy.resources.limits.pids"],
  "deploy.resources.reservations.generic_resources.*.discrete_resource_spec.value",
];
const OCTALS = ["configs.*.mode", "secrets.*.mode"];
const BOOLEANS = [
  ...["init", "read_only", "tty", "stdin_open", "privileged", "oom_kill_disable", "attach"],
  ...["healthcheck.disable", "volumes.*.read_only", "volumes.*.volume.nocopy"],
  // Of networks, volumes, configs and secrets.
  ...["external", "internal", "attachable", "enable_ipv4", "enable_ipv6"],
];
const TEXTS = ["deploy.resources.limits.cpus", "deploy.resources.reservations.cpus"];
/** Mappings in which Docker accepts text and numbers. */
const SETTINGS = ["environment.*", "labels.*", "deploy.labels.*", "sysctls.*"];

/** An element with its values in the types that Docker accepts. */
export function coerced(element: Element, key: Path, findings: Findings): Mapping {
  const convert = (value: Value, path: Path): Value => {
    if (Array.isArray(value)) return value.map((item, index) => convert(item, [...path, index]));
    if (isMapping(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, convert(inner, [...path, name])]),
      );
    }
    const is = (patterns: string[]) => patterns.some((pattern) => fits(path, pattern));
    const refuse = (expected: string) => {
      findings.refuse(
        element.place(path),
        keyOf([...key, ...path]),
        `${JSON.stringify(value)} was given; it must be ${expected}`,
      );
      return value;
    };
    if (typeof value === "string") {
      if (is(NUMBERS)) return numberOf(value) ?? refuse("a number");
      if (is(OCTALS))
        return /^0?[0-7]{3,4}$/.test(value)
          ? Number.parseInt(value, 8)
          : refuse("an octal number such as 0440");
      if (is(BOOLEANS))
        return /^(true|false)$/.test(value) ? value === "true" : refuse("true or false");
    }
    if (typeof value === "number" && is(TEXTS)) return `${value}`;
    if (typeof value === "boolean" && is(SETTINGS)) return `${value}`;
    return value;
  };
  return convert(element.value, []) as Mapping;
}

function numberOf(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function fits(path: Path, pattern: string): boolean {
  const parts = pattern.split(".");
  return (
    parts.length === path.length &&
    parts.every((part, index) => part === "*" || part === `${path[index]}`)
  );
}
