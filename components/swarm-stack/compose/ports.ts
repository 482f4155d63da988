import type { ServiceOnItsWay } from "./reading";
import { isMapping, list, type Mapping, mapping, type Path, type Value } from "./values";

const SHORT =
  /^(?:(?:(\[[^\]]+\]|[^:[\]]+):)?(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/;
const ALL = ["0.0.0.0", "[::]", "::"];

/** Published ports: whole numbers, on all addresses of a host. */
export function ports(service: ServiceOnItsWay, value: Value): void {
  service.made.ports = list(value).map((entry, index) => {
    const path = ["ports", index];
    return isMapping(entry) ? long(service, path, entry) : short(service, path, entry);
  });
  const { endpoint_mode: endpoint } = mapping(service.given.deploy);
  const ingress = list(value).findIndex((entry) => !isMapping(entry) || entry.mode !== "host");
  if (endpoint === "dnsrr" && ingress >= 0) {
    service.refuse(
      ["ports", ingress],
      "endpoint_mode dnsrr cannot publish a port on all hosts: write {target: 80, published: 8080, mode: host} to publish it where a task runs, or remove endpoint_mode",
    );
  }
}

function short(service: ServiceOnItsWay, path: Path, entry: Value): Value {
  const [, address, published, target, protocol] = SHORT.exec(`${entry as string}`) ?? [];
  if (target === undefined) {
    service.refuse(
      path,
      `${JSON.stringify(entry)} is not a port: write PORT, PUBLISHED:PORT, or a mapping with target and published`,
    );
    return entry;
  }
  for (const range of [published, target]) numbers(service, path, range);
  publish(service, path, published, false);
  if (address === undefined) return entry;
  onAll(service, path, address);
  const rest = `${target}${protocol ? `/${protocol}` : ""}`;
  return published === undefined ? rest : `${published}:${rest}`;
}

function long(service: ServiceOnItsWay, path: Path, entry: Mapping): Value {
  const { host_ip: address, name: _, app_protocol: __, published, ...made } = entry;
  if (typeof address === "string") onAll(service, path, address);
  if (made.target === undefined) service.refuse(path, "target is missing: the container's port");
  if (made.mode !== undefined && made.mode !== "ingress" && made.mode !== "host") {
    service.refuse(
      [...path, "mode"],
      `${made.mode as string} was given; it must be ingress or host`,
    );
  }
  if (published === undefined || published === "") return made;
  const text = `${published as string | number}`;
  if (!/^\d+$/.test(text)) {
    service.refuse(
      [...path, "published"],
      `${text} was given; it must be a number. Ranges need the short form, such as "8000-8005:8000-8005"`,
    );
    return made;
  }
  numbers(service, [...path, "published"], text);
  publish(service, path, text, made.mode === "host");
  return { ...made, published: Number(text) };
}

function numbers(service: ServiceOnItsWay, path: Path, range: string | undefined): void {
  for (const number of range?.split("-") ?? []) {
    if (Number(number) < 1 || Number(number) > 65535) {
      service.refuse(path, `${number} is not a port: use a number from 1 to 65535`);
    }
  }
}

/** Records published ports, and refuses ports that are taken. */
function publish(
  service: ServiceOnItsWay,
  path: Path,
  range: string | undefined,
  onItsHosts: boolean,
): void {
  const { reading, name } = service;
  if (range === undefined) {
    service.say(path, "Swarm chooses the hosts' port: set one, as in 8080:80, to know it");
    return;
  }
  const [first = 0, last = first] = range.split("-").map(Number);
  for (const [port, user] of Object.entries(reading.options.takenPorts ?? {})) {
    if (Number(port) >= first && Number(port) <= last) {
      service.refuse(path, `the hosts' port ${port} is in use by ${user}: publish another one`);
    }
  }
  reading.published.push({ service: name, path, ports: range, onItsHosts });
}

function onAll(service: ServiceOnItsWay, path: Path, address: string): void {
  if (ALL.includes(address)) return;
  service.say(
    path,
    `the address ${address} is left out: Swarm publishes on all of a host's addresses`,
  );
}
