import type { Reading, ServiceOnItsWay } from "./reading";
import { isMapping, list, type Mapping, mapping, texts, type Value } from "./values";

/** Keys of a service's network that Swarm does not have. */
const ATTACHMENT = [
  ...["interface_name", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address"],
  ...["driver_opts", "priority", "gw_priority"],
];
const OVERLAY = "overlay";

/** Checks that the networks of a service are in the file, and that its names there are free. */
export function networks(service: ServiceOnItsWay): void {
  const { given, made, reading, name } = service;
  const attachments = attachmentsOf(given.networks);
  for (const [network, attachment] of Object.entries(attachments)) {
    const path = isMapping(given.networks) ? ["networks", network] : ["networks"];
    if (network !== "default" && !reading.project.sections.networks.has(network)) {
      service.refuse(
        path,
        `the network ${network} is not in this file: add \`networks: {${network}: {}}\` at its end, with external: true if it already exists`,
      );
    }
    const kept = mapping(mapping(made.networks)[network]);
    for (const key of ATTACHMENT.filter((one) => one in attachment)) {
      delete kept[key];
      service.say(
        [...path, key],
        "left out: Swarm gives addresses itself; services find each other by their names",
      );
    }
    free(service, network, [name, ...texts(attachment.aliases), ...containerName(given)]);
  }
}

function attachmentsOf(value: Value): Record<string, Mapping> {
  if (value === undefined) return { default: {} };
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapping(one)]));
  }
  return Object.fromEntries(list(value).map((name) => [name as string, {}]));
}

/** Refuses names that others have on a network: such a name would resolve to both. */
function free(service: ServiceOnItsWay, network: string, names: string[]): void {
  const { reading } = service;
  const taken = reading.options.taken?.[realName(network, reading)] ?? [];
  for (const name of names.filter((one) => taken.includes(one))) {
    const own = name === service.name;
    const key = own
      ? []
      : name === service.given.container_name
        ? ["container_name"]
        : ["networks"];
    service.refuse(
      key,
      `${name} is a name of the cluster's own on the network ${realName(network, reading)}, and would be ambiguous: give the ${own ? "service" : "alias"} another one, such as my-${name}${own ? ", or take it off that network" : ""}`,
    );
  }
}

/** A network's name in the Swarm, for a network that is not the stack's own. */
function realName(network: string, reading: Reading): string {
  const { external, name } = mapping(reading.project.sections.networks.get(network)?.value);
  if (isMapping(external)) return `${external.name as string}`;
  return `${(name ?? network) as string}`;
}

function containerName({ container_name: name }: Mapping): string[] {
  return typeof name === "string" ? [name] : [];
}

/** Swarm names containers itself. Others may use the name from the file, so it becomes an alias. */
export function aliases(service: ServiceOnItsWay, value: Value): void {
  const { made, name } = service;
  delete made.container_name;
  if (value === name) return;
  const attachments = attachmentsOf(made.networks);
  made.networks = Object.fromEntries(
    Object.entries(attachments).map(([network, attachment]) => [
      network,
      { ...attachment, aliases: [...texts(attachment.aliases), value as string] },
    ]),
  );
}

/** A network of the file in Docker's form. */
export function swarmNetwork(name: string, reading: Reading): Value {
  const { element, made, refuse, say } = reading.resource("networks", name);
  if (element.value.external) return made;
  const { driver, ipam } = made;
  if (driver === "bridge") {
    delete made.driver;
    say(["driver"], `left out: a bridge is on one host; this one is an ${OVERLAY} of all hosts`);
  } else if (driver !== undefined && driver !== OVERLAY && driver !== "default") {
    refuse(
      ["driver"],
      `Swarm's services cannot join a network of the driver ${driver as string}: remove driver; for the host's own network, use external: true, name: host`,
    );
  }
  for (const key of ["enable_ipv4", "enable_ipv6"]) {
    if (!(key in made)) continue;
    delete made[key];
    say([key], "left out: Swarm networks here support only IPv4");
  }
  if (isMapping(ipam)) {
    if ("options" in ipam) {
      delete ipam.options;
      say(["ipam", "options"], "left out: Swarm supports only driver and config");
    }
    for (const [index, config] of list(ipam.config).entries()) {
      if (!isMapping(config)) continue;
      for (const key of Object.keys(config).filter((one) => one !== "subnet")) {
        delete config[key];
        if (key.startsWith("x-")) continue;
        say(["ipam", "config", index, key], "left out: Swarm supports only subnet");
      }
    }
  }
  return made;
}
