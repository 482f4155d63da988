import { existsSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { size } from "./deploy";
import { sendFile } from "./files";
import { HERE } from "./localise";
import type { ServiceOnItsWay } from "./reading";
import { shown } from "./source";
import { isMapping, list, type Mapping, mapping, type Path, texts, type Value } from "./values";

/** Folders and files that every host has. */
const ON_EVERY_HOST =
  /^\/(data|proc|sys|dev|tmp|var\/run|run|var\/lib\/docker|var\/log|etc\/(localtime|timezone|os-release|hostname|hosts|ssl\/certs))(\/|$)|^\/$/;
const FOLDER =
  "a local folder, which the hosts do not have. Put it into an image (build, with COPY), name single files, or copy data to all hosts with `npx spark-swarm copy` and mount /data";

/** Volumes and mounts: sources on this machine are sent, or refused. */
export function mounts(service: ServiceOnItsWay, value: Value): void {
  const { made } = service;
  const kept: Value[] = [];
  for (const [index, entry] of list(value).entries()) {
    const mount = isMapping(entry) ? long(service, index, entry) : short(service, index, entry);
    if (mount !== undefined) kept.push(mount);
  }
  // Keys that were processed earlier may have added some.
  const added = list(made.volumes).slice(list(value).length);
  made.volumes = [...kept, ...added];
  if (list(made.volumes).length === 0) delete made.volumes;
  stays(service, value);
}

function short(service: ServiceOnItsWay, index: number, entry: Value): Value {
  const [source = "", target] = `${entry as string}`.split(":");
  if (target === undefined) return entry;
  if (isAbsolute(source)) onHosts(service, ["volumes", index], source);
  else named(service, ["volumes", index], source);
  return entry;
}

function long(service: ServiceOnItsWay, index: number, entry: Mapping): Value | undefined {
  const path = ["volumes", index];
  const { [HERE]: here, ...made } = structuredClone(entry);
  const { type, source, target } = made;
  if (type !== "tmpfs" && type !== "volume" && type !== "bind") {
    service.refuse(
      [...path, "type"],
      `${type as string} was given; it must be volume, bind or tmpfs`,
    );
    return made;
  }
  if (target === undefined) service.refuse(path, "target is missing: the path in the container");
  if (here) {
    fromHere(service, index, made);
    return undefined;
  }
  if (type === "bind") onHosts(service, path, `${source as string}`);
  if (type === "volume" && typeof source === "string") named(service, path, source);
  const { bind, volume, tmpfs: memory } = made;
  leaveOut(service, [...path, "bind"], bind, ["create_host_path", "recursive", "selinux"]);
  leaveOut(service, [...path, "volume"], volume, ["labels"]);
  leaveOut(service, [...path, "tmpfs"], memory, ["mode"]);
  if (isMapping(volume) && "subpath" in volume) {
    service.refuse(
      [...path, "volume", "subpath"],
      "Docker here mounts only whole volumes: remove it",
    );
  }
  if (isMapping(memory) && memory.size !== undefined) {
    memory.size = size(service, [...path, "tmpfs", "size"], memory.size);
  }
  return made;
}

/** A bind mount of something next to the Compose file. */
function fromHere(service: ServiceOnItsWay, index: number, mount: Mapping): void {
  const source = mount.source as string;
  const path = ["volumes", index];
  if (existsSync(source) && !statSync(source).isFile()) {
    const socket = !statSync(source).isDirectory();
    service.refuse(
      path,
      `${shown(source)} is ${socket ? "not a file, and cannot be sent: remove it" : FOLDER}`,
    );
    return;
  }
  sendFile(service, index, source, mount.target as string);
  if (!mount.read_only) {
    service.say(path, `${shown(source)} is sent as a config: the container cannot write to it`);
  }
}

function onHosts(service: ServiceOnItsWay, path: Path, source: string): void {
  if (ON_EVERY_HOST.test(source)) return;
  service.say(
    path,
    `${source} is a path on the host where the task runs, not on this machine; it must exist there`,
  );
}

function named(service: ServiceOnItsWay, path: Path, source: string): void {
  if (service.reading.project.sections.volumes.has(source)) return;
  service.refuse(
    path,
    `the volume ${source} is not in this file: add \`volumes: {${source}: {}}\` at its end, or write ./${source} for a file beside this one`,
  );
}

/** Warns that a volume is on one host: a task that moves to another host starts with an empty one. */
function stays(service: ServiceOnItsWay, value: Value): void {
  const { given, reading } = service;
  const { mode, placement } = mapping(given.deploy);
  if (reading.options.hosts === 1 || mode === "global") return;
  if (list(mapping(placement).constraints).length > 0) return;
  const volumes = reading.project.sections.volumes;
  const names = list(value)
    .map((entry) => (isMapping(entry) ? entry.source : `${entry as string}`.split(":")[0]))
    .filter((name) => typeof name === "string" && volumes.has(name))
    .filter((name) => !volumes.get(name as string)?.value.driver_opts);
  if (names.length === 0) return;
  service.say(
    ["volumes"],
    `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} on the host where the task runs; on another host the task begins with an empty one. To keep it there: deploy: {placement: {constraints: [node.role == manager]}}`,
  );
}

function leaveOut(service: ServiceOnItsWay, path: Path, value: Value, keys: string[]): void {
  if (!isMapping(value)) return;
  for (const key of keys.filter((one) => one in value)) {
    delete value[key];
    if (key === "create_host_path") continue;
    service.say([...path, key], "left out: Docker's stacks have no such key");
  }
}

/** `tmpfs: /run:size=64m` in the form that Docker's stacks have. */
export function tmpfs(service: ServiceOnItsWay, value: Value): void {
  delete service.made.tmpfs;
  for (const entry of texts(value)) {
    const [target = "", options = ""] = entry.split(":");
    const [, given] = /(?:^|,)size=([^,]+)/.exec(options) ?? [];
    const bytes = given === undefined ? undefined : size(service, ["tmpfs"], given);
    if (/(^|,)(?!size=)\w/.test(options)) {
      service.say(["tmpfs"], `of ${options}, Docker's stacks support only size`);
    }
    inMemory(service, target, bytes);
  }
}

export function shm(service: ServiceOnItsWay, value: Value): void {
  delete service.made.shm_size;
  inMemory(service, "/dev/shm", size(service, ["shm_size"], value));
}

function inMemory({ made }: ServiceOnItsWay, target: string, bytes: number | undefined): void {
  made.volumes = [
    ...list(made.volumes),
    { type: "tmpfs", target, ...(bytes !== undefined && { tmpfs: { size: bytes } }) },
  ];
}
