import { existsSync } from "node:fs";
import type { ServiceOnItsWay } from "./reading";
import { shown } from "./source";
import { isMapping, list, type Mapping, pairs, texts, type Value } from "./values";
import { envFile } from "./variables";

/** A service's variables: those of its files, then its own. A name without a value takes that of the environment. */
export function environment(service: ServiceOnItsWay): void {
  const { given, reading } = service;
  const own = pairs(given.environment);
  const bare = Object.entries(own).filter(([, value]) => value === null);
  const files = entries(given.env_file);
  if (files.length === 0 && bare.length === 0) return;
  const made: Record<string, string | null> = {};
  for (const [index, file] of files.entries()) {
    const path = Array.isArray(given.env_file) ? ["env_file", index] : ["env_file"];
    Object.assign(made, valuesOf(service, path, file));
  }
  Object.assign(made, own);
  for (const [name] of bare) {
    const value = reading.variables.lookup(name);
    if (value !== undefined) made[name] = value;
    else {
      service.say(
        ["environment", ...(isMapping(given.environment) ? [name] : [])],
        `${name} is left out: it has no value here or in the environment`,
      );
      delete made[name];
    }
  }
  service.made.environment = made as Mapping;
}

/** Labels of files, then the service's own. */
export function labels(service: ServiceOnItsWay): void {
  const files = texts(service.given.label_file);
  if (files.length === 0) return;
  const made: Record<string, string | null> = {};
  for (const path of files) {
    Object.assign(made, valuesOf(service, ["label_file"], { path, required: true, raw: true }));
  }
  service.made.labels = { ...made, ...pairs(service.given.labels) };
}

interface File {
  path: string;
  required: boolean;
  raw: boolean;
}

function entries(value: Value): File[] {
  return (Array.isArray(value) ? value : list([value])).flatMap((entry): File[] => {
    if (entry === undefined || entry === null) return [];
    if (!isMapping(entry)) return [{ path: entry as string, required: true, raw: false }];
    const { path, required, format } = entry;
    return [{ path: path as string, required: required !== false, raw: format === "raw" }];
  });
}

function valuesOf(
  { reading, refuse }: ServiceOnItsWay,
  at: (string | number)[],
  { path, required, raw }: File,
): Record<string, string> {
  if (!existsSync(path)) {
    if (required) refuse(at, `there is no file ${shown(path)}: create it, or set required: false`);
    return {};
  }
  // Files of variables may hold secrets.
  reading.sensitive = true;
  return envFile(path, reading.variables.lookup, reading.findings, raw);
}
