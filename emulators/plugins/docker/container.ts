import type Docker from "dockerode";
import { isZero } from "../lib/bridge-inputs";
import { type Blank, shape } from "../lib/bridge-state";
import type { Properties, Value } from "../lib/values";
import { CONTAINER } from "./fields";
import { MB } from "./request";

/** Parts of the daemon's answer that dockerode's types lack. */
type Inspected = Docker.ContainerInspectInfo & {
  Config: { StopSignal?: string; StopTimeout?: number };
  NetworkSettings: { Bridge: string };
};

/**
 * The state of a container. `configured` is what the program requested: its inputs after create, the former state at a
 * refresh. Environment, labels, volumes and networks come from it, because the image and the daemon add to them.
 */
export function containerState(
  info: Docker.ContainerInspectInfo,
  configured: Properties,
  moment: "created" | "refreshed",
): Properties {
  const inspected = info as Inspected;
  const { Config: config, HostConfig: host, NetworkSettings: network, State } = inspected;
  const blank: Blank = moment === "created" ? "null" : "zero";
  const asked = shape(CONTAINER, configured, blank);
  return {
    ...asked,
    __meta: CONTAINER_META,
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ""),
    bridge: network.Bridge,
    networkDatas: networkDatas(network.Networks),
    // A stopped container has no ports; if it may stop, that is no change.
    ports:
      isZero(asked.ports) || (!State.Running && asked.mustRun === false)
        ? (asked.ports ?? [])
        : portList(network.Ports),
    ...(!State.Running && {
      exitCode: State.ExitCode,
      // A difference from the inputs, so that the next update starts the container.
      mustRun: false,
    }),
    image: String(configured.image).startsWith("sha256:") ? inspected.Image : config.Image,
    command: config.Cmd ?? [],
    entrypoints: [config.Entrypoint ?? []].flat(),
    hostname: config.Hostname,
    domainname: config.Domainname,
    user: config.User,
    workingDir: config.WorkingDir,
    tty: config.Tty,
    stdinOpen: config.OpenStdin,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? 0,
    platform: inspected.Platform,
    cpuSet: host.CpusetCpus ?? "",
    cpuShares: host.CpuShares ?? 0,
    cpus: host.NanoCpus ? spellCpus(host.NanoCpus) : (asked.cpus ?? null),
    init: host.Init ?? false,
    ipcMode: host.IpcMode ?? "",
    logDriver: host.LogConfig?.Type ?? "",
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    memory: megabytes(host.Memory),
    memoryReservation: megabytes(host.MemoryReservation),
    memorySwap: megabytes(host.MemorySwap),
    networkMode: host.NetworkMode ?? "",
    privileged: host.Privileged ?? false,
    publishAllPorts: host.PublishAllPorts ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    restart: host.RestartPolicy?.Name ?? "",
    rm: host.AutoRemove ?? false,
    runtime: host.Runtime ?? "",
    shmSize: megabytes(host.ShmSize),
    usernsMode: host.UsernsMode ?? "",
    ...(moment === "created"
      ? !configured.securityOpts && { securityOpts: host.SecurityOpt ?? [] }
      : collections(host, asked)),
  };
}

/**
 * Formats billionths of a CPU as the official plugin's provider does (`nanoInt64ToDecimalString`): 1 as "1.0", 10 as
 * "10.", 0.25 as "0.25".
 */
function spellCpus(billionths: number): string {
  const text = (billionths / 1e9).toFixed(9);
  const zeros = text.split("0").length - 1;
  return zeros === 9 ? (billionths / 1e9).toFixed(1) : text.replace(/0+$/, "");
}

/** Create, update and delete may take 20 minutes; this is the official plugin's form. */
const CONTAINER_META = JSON.stringify({
  "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": {
    create: 1_200_000_000_000,
    delete: 1_200_000_000_000,
    update: 1_200_000_000_000,
  },
  schema_version: "2",
});

/** Lists and maps as the daemon returns them, in its own spelling: known to differ from the inputs. */
function collections(host: Inspected["HostConfig"], asked: Properties): Properties {
  const { CapAdd, CapDrop } = host;
  return {
    ...((CapAdd?.length || CapDrop?.length) && {
      capabilities: { adds: CapAdd ?? [], drops: CapDrop ?? [] },
    }),
    dns: host.Dns ?? [],
    dnsOpts: host.DnsOptions ?? [],
    dnsSearches: host.DnsSearch ?? [],
    groupAdds: host.GroupAdd ?? [],
    logOpts: asked.logOpts ? (host.LogConfig?.Config ?? {}) : {},
    securityOpts: [...(host.SecurityOpt ?? [])].sort(),
    storageOpts: host.StorageOpt ?? {},
    sysctls: host.Sysctls ?? {},
    tmpfs: host.Tmpfs ?? {},
  };
}

function networkDatas(networks: Docker.ContainerInspectInfo["NetworkSettings"]["Networks"]): Value {
  return Object.entries(networks).map(([networkName, found]) => ({
    networkName,
    gateway: found.Gateway,
    globalIpv6Address: found.GlobalIPv6Address,
    globalIpv6PrefixLength: found.GlobalIPv6PrefixLen,
    ipAddress: found.IPAddress,
    ipPrefixLength: found.IPPrefixLen,
    ipv6Gateway: found.IPv6Gateway,
    macAddress: found.MacAddress,
  }));
}

function portList(ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"]): Value {
  return Object.entries(ports ?? {})
    .map(([name, bindings]) => {
      const [internal, protocol = ""] = name.split("/");
      return { internal: Number(internal), protocol, bindings: bindings ?? [] };
    })
    .sort((a, b) => a.internal - b.internal)
    .flatMap(({ internal, protocol, bindings }) =>
      bindings.map(({ HostIp, HostPort }) => ({
        internal,
        external: Number(HostPort),
        ip: HostIp,
        protocol,
      })),
    );
}

function megabytes(bytes: number | undefined): number {
  return bytes && bytes > 0 ? Math.floor(bytes / MB) : (bytes ?? 0);
}
