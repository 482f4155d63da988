import { duration } from "./healthcheck";
import type { ServiceOnItsWay } from "./reading";
import { bytes } from "./units";
import { isMapping, list, type Mapping, mapping, type Path, texts, type Value } from "./values";

const DURATIONS = [
  ["restart_policy", "delay"],
  ["restart_policy", "window"],
  ["update_config", "delay"],
  ["update_config", "monitor"],
  ["rollback_config", "delay"],
  ["rollback_config", "monitor"],
];
const CONDITIONS = ["none", "on-failure", "any"];
const CONSTRAINT =
  /^\s*(node\.(id|hostname|role|ip|platform\.(os|arch))|(node|engine)\.labels\.[\w.-]+)\s*(==|!=)\s*\S.*$/;
/** Swarm's names of architectures. */
const ARCHITECTURES: Record<string, string> = {
  amd64: "x86_64",
  arm64: "aarch64",
  "386": "i386",
};

/** Checks `deploy` against what Swarm can do. Docker takes the rest of it as it is. */
export function deployment(service: ServiceOnItsWay, value: Value): void {
  const given = mapping(value);
  const refuse = (path: Path, text: string) => service.refuse(["deploy", ...path], text);
  const { mode, replicas, endpoint_mode: endpoint, restart_policy: restart, placement } = given;
  if (mode !== undefined && mode !== "replicated" && mode !== "global") {
    const job = `${mode as string}`.endsWith("-job");
    const instead = job
      ? "; for a service that runs once, use restart_policy: {condition: on-failure}"
      : "";
    refuse(["mode"], `${mode as string} was given; it must be replicated or global${instead}`);
  }
  if (mode === "global" && replicas !== undefined) {
    refuse(["replicas"], "a global service has one task on each host: remove replicas, or mode");
  }
  if (endpoint !== undefined && endpoint !== "vip" && endpoint !== "dnsrr") {
    refuse(["endpoint_mode"], `${endpoint as string} was given; it must be vip or dnsrr`);
  }
  const condition = mapping(restart).condition;
  if (condition !== undefined && !CONDITIONS.includes(condition as string)) {
    refuse(
      ["restart_policy", "condition"],
      `${condition as string} was given; it must be one of: ${CONDITIONS.join(", ")}`,
    );
  }
  for (const path of DURATIONS) {
    const [part = "", key = ""] = path;
    const time = mapping(given[part])[key];
    if (time !== undefined) duration(service, ["deploy", ...path], time);
  }
  for (const [index, constraint] of list(mapping(placement).constraints).entries()) {
    if (!CONSTRAINT.test(constraint as string)) {
      refuse(
        ["placement", "constraints", index],
        `${constraint as string} is not a constraint: write one such as node.role == manager`,
      );
    }
  }
  resources(service, mapping(given.resources));
}

function resources(service: ServiceOnItsWay, given: Mapping): void {
  for (const part of ["limits", "reservations"]) {
    const { memory, devices } = mapping(given[part]);
    const path = ["deploy", "resources", part];
    if (memory !== undefined) size(service, [...path, "memory"], memory);
    if (list(devices).length) {
      service.refuse(
        [...path, "devices"],
        "Swarm has no access to the hosts' devices or GPUs: remove it",
      );
    }
  }
}

/** The bytes of a size. Refuses a size that Docker does not accept. */
export function size(service: ServiceOnItsWay, path: Path, value: Value): number {
  const found = bytes(value as string | number);
  if (found === undefined) {
    service.refuse(
      path,
      `${JSON.stringify(value)} was given; it must be a size such as 512m or 2g`,
    );
  }
  return found ?? 0;
}

/** Keys of a service that Swarm has under `deploy`, by other names. */
export function fromCompose(
  service: ServiceOnItsWay,
  key: "cpus" | "mem_limit" | "mem_reservation" | "pids_limit" | "platform" | "restart" | "scale",
  value: Value,
): void {
  delete service.made[key];
  const text = `${value as string}`;
  switch (key) {
    case "cpus":
      put(service, ["resources", "limits", "cpus"], text);
      break;
    case "mem_limit":
      put(service, ["resources", "limits", "memory"], `${size(service, [key], value)}`);
      break;
    case "mem_reservation":
      put(service, ["resources", "reservations", "memory"], `${size(service, [key], value)}`);
      break;
    case "pids_limit":
      if (Number(value) > 0) put(service, ["resources", "limits", "pids"], Number(value));
      break;
    case "scale":
      put(service, ["replicas"], value);
      break;
    case "platform":
      platform(service, text);
      break;
    case "restart":
      restart(service, text);
      break;
  }
}

function restart(service: ServiceOnItsWay, text: string): void {
  const [kind = "", attempts] = text.split(":");
  const condition = {
    no: "none",
    always: "any",
    "unless-stopped": "any",
    "on-failure": "on-failure",
  }[kind];
  if (!condition || (attempts !== undefined && !/^\d+$/.test(attempts))) {
    service.refuse(
      ["restart"],
      `${text} was given; it must be one of: no, always, unless-stopped, on-failure, on-failure:3`,
    );
    return;
  }
  put(service, ["restart_policy"], {
    condition,
    ...(attempts !== undefined && { max_attempts: Number(attempts) }),
  });
}

function platform(service: ServiceOnItsWay, text: string): void {
  const [os, architecture] = text.split("/");
  const deploy = mapping(service.made.deploy);
  const placement = mapping(deploy.placement);
  const constraints = [
    ...texts(placement.constraints),
    `node.platform.os == ${os}`,
    ...(architecture
      ? [`node.platform.arch == ${ARCHITECTURES[architecture] ?? architecture}`]
      : []),
  ];
  service.made.deploy = { ...deploy, placement: { ...placement, constraints } };
}

/** Sets a value under `deploy`, unless the file sets it there. */
function put(service: ServiceOnItsWay, path: string[], value: Value): void {
  const last = path.at(-1) ?? "";
  let at = child(service.made, "deploy");
  for (const part of path.slice(0, -1)) at = child(at, part);
  at[last] ??= value;
}

function child(parent: Mapping, key: string): Mapping {
  const found = parent[key];
  if (isMapping(found)) return found;
  const made: Mapping = {};
  parent[key] = made;
  return made;
}
