import { isDeepStrictEqual } from "node:util";
import { buildImage } from "./build";
import { coerced } from "./coerce";
import { deployment, fromCompose } from "./deploy";
import { environment, labels } from "./environment";
import { grants } from "./files";
import { healthcheck } from "./healthcheck";
import { mounts, shm, tmpfs } from "./mounts";
import { aliases, networks } from "./networks";
import { ports } from "./ports";
import type { Reading, ServiceOnItsWay } from "./reading";
import { isMapping, keyOf, list, type Mapping, type Value } from "./values";

type Rule =
  /** Docker takes it as it is. */
  | "keep"
  /** The key has no meaning for a stack. */
  | "drop"
  /** The service works without it: it is left out, with a note. */
  | { leaveOut: string }
  /** The service does not work without it. */
  | { refuse: string }
  | ((service: ServiceOnItsWay, value: Value) => void);

const OTHER_NAMESPACE = "Swarm does not support this; put what belongs together into one image";
const HOST_NETWORK =
  "Swarm does not support this key. For the host's network: `networks: [host]` here, and at the end of the file `networks: {host: {external: true, name: host}}`";
const CPU = "Swarm limits CPUs only with deploy.resources.limits.cpus";
const MEMORY = "Swarm limits memory only with deploy.resources.limits.memory";
const GPU = "Swarm has no access to the hosts' devices: run it on a machine of its own";
const HOOK = "Swarm has no hooks: do it in the image's entrypoint";

/** The rule for each key of a service. Keys that are missing here are kept. */
export const RULES: Record<string, Rule> = {
  annotations: { leaveOut: "Swarm has no annotations; use labels" },
  attach: "drop",
  blkio_config: { leaveOut: "Swarm does not limit block devices" },
  build: buildImage,
  cgroup: { leaveOut: "Swarm chooses it" },
  cgroup_parent: { leaveOut: "Swarm chooses it" },
  configs: (service) => grants(service, "configs"),
  container_name: aliases,
  cpu_count: { leaveOut: CPU },
  cpu_percent: { leaveOut: CPU },
  cpu_period: { leaveOut: CPU },
  cpu_quota: { leaveOut: CPU },
  cpu_rt_period: { leaveOut: CPU },
  cpu_rt_runtime: { leaveOut: CPU },
  cpu_shares: { leaveOut: CPU },
  cpus: (service, value) => fromCompose(service, "cpus", value),
  cpuset: { leaveOut: CPU },
  depends_on: dependencies,
  deploy: deployment,
  develop: "drop",
  device_cgroup_rules: { refuse: GPU },
  devices: { refuse: GPU },
  dns_opt: { leaveOut: "Swarm supports only dns and dns_search" },
  domainname: { leaveOut: "Swarm supports only hostname" },
  env_file: "drop", // read by the rule for environment
  extends: "drop",
  external_links: { refuse: "Swarm has no links: join the other service's network" },
  extra_hosts: extraHosts,
  gpus: { refuse: GPU },
  group_add: {
    refuse: "Swarm does not support additional groups: set user: USER:GROUP, or do it in the image",
  },
  healthcheck,
  ipc: { refuse: OTHER_NAMESPACE },
  label_file: "drop", // read by the rule for labels
  links: (service, value) => links(service, value),
  mac_address: { leaveOut: "Swarm gives addresses itself" },
  mem_limit: (service, value) => fromCompose(service, "mem_limit", value),
  mem_reservation: (service, value) => fromCompose(service, "mem_reservation", value),
  mem_swappiness: { leaveOut: MEMORY },
  memswap_limit: { leaveOut: MEMORY },
  models: { refuse: "Swarm does not run models: give the service the address of one" },
  network_mode: networkMode,
  networks,
  oom_kill_disable: { leaveOut: MEMORY },
  oom_score_adj: { leaveOut: MEMORY },
  pid: { refuse: OTHER_NAMESPACE },
  pids_limit: (service, value) => fromCompose(service, "pids_limit", value),
  platform: (service, value) => fromCompose(service, "platform", value),
  ports,
  post_start: { refuse: HOOK },
  pre_stop: { refuse: HOOK },
  privileged: {
    refuse:
      "Swarm does not run privileged containers: name the capabilities it needs under cap_add, such as [NET_ADMIN]",
  },
  profiles: "drop", // a service whose profile is not active is left out as a whole
  provider: { refuse: "Swarm has no providers: name an image" },
  pull_policy: "drop",
  pull_refresh_after: "drop",
  restart: (service, value) => fromCompose(service, "restart", value),
  runtime: { refuse: "the hosts have only Docker's own runtime" },
  scale: (service, value) => fromCompose(service, "scale", value),
  secrets: (service) => grants(service, "secrets"),
  security_opt: {
    leaveOut: "Swarm does not support them: containers run with Docker's own profile",
  },
  shm_size: shm,
  storage_opt: { leaveOut: "Swarm does not limit containers' disks" },
  tmpfs,
  use_api_socket: {
    refuse:
      "Swarm does not support this key: mount /var/run/docker.sock, with the constraint node.role == manager",
  },
  userns_mode: { leaveOut: "Swarm chooses it" },
  uts: { refuse: OTHER_NAMESPACE },
  volumes: mounts,
  volumes_from: {
    refuse: "Swarm does not support this key: name the volume under volumes of both services",
  },
};

/** Values with which such a key has no effect. */
const NOTHING: Value[] = [false, null, "", [], {}];

/** The service in the form that Docker's client takes. */
export function swarmService(name: string, reading: Reading): Mapping {
  const element = reading.element("services", name);
  const { findings } = reading;
  const key = ["services", name];
  const given = coerced(element, key, findings);
  const service: ServiceOnItsWay = {
    name,
    given,
    made: structuredClone(given),
    reading,
    refuse: (path, text) => findings.refuse(element.place(path), keyOf([...key, ...path]), text),
    say: (path, text) => findings.say(element.place(path), keyOf([...key, ...path]), text),
  };
  for (const [part, value] of Object.entries(given)) {
    const rule = RULES[part] ?? "keep";
    if (rule === "keep") continue;
    if (typeof rule === "function") {
      rule(service, value);
      continue;
    }
    delete service.made[part];
    if (rule === "drop" || NOTHING.some((nothing) => isDeepStrictEqual(nothing, value))) continue;
    if ("refuse" in rule) service.refuse([part], rule.refuse);
    else service.say([part], `left out: ${rule.leaveOut}`);
  }
  // Also without the key: variables may come from files, and the default network applies.
  environment(service);
  labels(service);
  if (given.networks === undefined) networks(service);
  if (service.made.image === undefined && given.build === undefined) {
    service.refuse([], "it has no image: name one under image, or a folder under build");
  }
  withoutNotes(service.made);
  return service.made;
}

function networkMode(service: ServiceOnItsWay, value: Value): void {
  delete service.made.network_mode;
  if (value === "bridge" || value === "default") return;
  service.refuse(["network_mode"], value === "host" ? HOST_NETWORK : OTHER_NAMESPACE);
}

/** Swarm starts all services at once: one that depends on another must retry. */
function dependencies(service: ServiceOnItsWay, value: Value): void {
  if (isMapping(value)) delete service.made.depends_on;
  const others = Array.isArray(value) ? (value as string[]) : Object.keys(value as Mapping);
  for (const other of others) {
    if (!service.reading.project.sections.services.has(other)) {
      service.refuse(["depends_on"], `there is no service ${other} in this file`);
    }
  }
  service.say(
    ["depends_on"],
    `left out: Swarm starts all services at once. ${service.name} must retry until ${others.join(" and ")} ${others.length === 1 ? "answers" : "answer"}; a service that ends is restarted`,
  );
}

function links(service: ServiceOnItsWay, value: Value): void {
  delete service.made.links;
  for (const [index, link] of list(value).entries()) {
    const [other = "", alias = other] = `${link as string}`.split(":");
    if (alias === other) continue;
    service.refuse(
      ["links", index],
      `Swarm has no links: give ${other} the name ${alias}, under services.${other}.networks.default.aliases`,
    );
  }
}

/** Docker's `host: address`, from every form of the specification. */
function extraHosts(service: ServiceOnItsWay, value: Value): void {
  const entries = Array.isArray(value)
    ? (value as string[]).map((entry) => entry.replace(/^([^=:]+)=/, "$1:"))
    : Object.entries(value as Mapping).flatMap(([host, addresses]) =>
        [addresses].flat().map((address) => `${host}:${address as string}`),
      );
  const simple = isMapping(value) && Object.values(value).every((one) => typeof one === "string");
  if (!simple) service.made.extra_hosts = entries;
}

/** Docker accepts extensions (`x-…`) next to a service's keys, not inside them. */
function withoutNotes(made: Mapping): void {
  for (const part of ["deploy", "healthcheck", "logging", "credential_spec", "networks"]) {
    if (isMapping(made[part])) strip(made[part]);
  }
  for (const part of ["ports", "volumes", "configs", "secrets"]) {
    for (const entry of list(made[part])) if (isMapping(entry)) strip(entry);
  }
}

function strip(value: Mapping): void {
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith("x-")) delete value[key];
    else if (isMapping(inner) && key !== "labels" && key !== "options") strip(inner);
  }
}
