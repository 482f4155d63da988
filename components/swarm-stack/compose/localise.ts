import { homedir } from "node:os";
import { isAbsolute, join, resolve, sep } from "node:path";
import { isMapping, type Mapping, mapping, type Value } from "./values";

/** Marks a bind mount whose source is on this machine, with the Compose file, and not on a host. */
export const HERE = "x-here";

/**
 * Makes paths that are relative to their file's folder absolute, before services of other folders are merged: those of
 * env_file, label_file, build, configs, secrets and bind mounts.
 */
export function localise(file: Mapping, folder: string): Mapping {
  const at = (path: Value): Value =>
    typeof path === "string" && !isUrl(path) ? absolute(path, folder) : path;
  const files = (section: Value): Value =>
    isMapping(section)
      ? each(section, (one) => (one.file === undefined ? one : { ...one, file: at(one.file) }))
      : section;
  const service = (one: Mapping): Mapping => {
    const made: Mapping = { ...one };
    if (made.env_file !== undefined) made.env_file = paths(made.env_file, at);
    if (made.label_file !== undefined) made.label_file = paths(made.label_file, at);
    if (typeof made.build === "string") made.build = { context: at(made.build) };
    else if (isMapping(made.build)) {
      made.build = { ...made.build, context: at(made.build.context ?? ".") };
    }
    if (Array.isArray(made.volumes)) made.volumes = made.volumes.map((v) => volume(v, folder));
    return made;
  };
  const made: Mapping = { ...file };
  if (isMapping(file.services)) made.services = each(file.services, service);
  for (const section of ["configs", "secrets"]) {
    if (section in file) made[section] = files(file[section]);
  }
  return made;
}

function each(section: Mapping, change: (one: Mapping) => Mapping): Mapping {
  return Object.fromEntries(
    Object.entries(section).map(([name, one]) => [name, isMapping(one) ? change(one) : one]),
  );
}

function paths(value: Value, at: (path: Value) => Value): Value {
  if (!Array.isArray(value)) return at(value);
  return value.map((one) => (isMapping(one) ? { ...one, path: at(one.path) } : at(one)));
}

function volume(given: Value, folder: string): Value {
  if (typeof given === "string") {
    const [source = "", target, ...modes] = given.split(":");
    if (target === undefined || !isHere(source, folder)) return given;
    const options = modes.join(":").split(",");
    return {
      type: "bind",
      source: absolute(source, folder),
      target,
      ...(options.includes("ro") && { read_only: true }),
      [HERE]: true,
    };
  }
  const { type, source } = mapping(given);
  if (type !== "bind" || typeof source !== "string") return given;
  if (isAbsolute(source) && !isHere(source, folder)) return given;
  return { ...mapping(given), source: absolute(source, folder), [HERE]: true };
}

/** Relative paths, paths in the home folder, and paths below the file's own folder, such as `${PWD}/data`. */
function isHere(source: string, folder: string): boolean {
  if (/^\.{1,2}(\/|$)/.test(source) || /^~(\/|$)/.test(source)) return true;
  return isAbsolute(source) && `${resolve(source)}${sep}`.startsWith(`${folder}${sep}`);
}

function absolute(path: string, folder: string): string {
  return /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

function isUrl(path: string): boolean {
  return /^([a-z+]+:\/\/|git@)/.test(path);
}
