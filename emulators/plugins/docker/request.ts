import type Docker from "dockerode";
import type { Upload } from "./upload";

/** The inputs that the stand-in uses, after the check. */
export interface ContainerInputs {
  name: string;
  image: string;
  capabilities?: { adds?: string[]; drops?: string[] };
  cgroupParent?: string;
  cgroupnsMode?: string;
  command?: string[];
  cpuPeriod?: number;
  cpuQuota?: number;
  cpuSet?: string;
  cpuShares?: number;
  cpus?: string;
  dns?: string[];
  dnsOpts?: string[];
  dnsSearches?: string[];
  domainname?: string;
  entrypoints?: string[];
  envs?: string[];
  groupAdds?: string[];
  hostname?: string;
  hosts?: { host: string; ip: string }[];
  init?: boolean;
  ipcMode?: string;
  labels?: Label[];
  logDriver?: string;
  logOpts?: Record<string, string>;
  maxRetryCount?: number;
  memory?: number;
  memoryReservation?: number;
  memorySwap?: number;
  networkMode?: string;
  networksAdvanced?: {
    name: string;
    aliases?: string[];
    ipv4Address?: string;
    ipv6Address?: string;
    linkLocalIps?: string[];
    macAddress?: string;
  }[];
  pidMode?: string;
  ports?: { internal: number; external?: number; ip: string; protocol: string }[];
  privileged?: boolean;
  publishAllPorts?: boolean;
  readOnly?: boolean;
  restart?: string;
  rm?: boolean;
  runtime?: string;
  securityOpts?: string[];
  shmSize?: number;
  start?: boolean;
  stdinOpen?: boolean;
  stopSignal?: string;
  stopTimeout?: number;
  storageOpts?: Record<string, string>;
  sysctls?: Record<string, string>;
  tmpfs?: Record<string, string>;
  tty?: boolean;
  ulimits?: { name: string; soft: number; hard: number }[];
  uploads?: Upload[];
  user?: string;
  usernsMode?: string;
  volumes?: {
    containerPath?: string;
    fromContainer?: string;
    hostPath?: string;
    readOnly?: boolean;
    selinuxRelabel?: string;
    volumeName?: string;
  }[];
  workingDir?: string;
}

export interface Label {
  label: string;
  value: string;
}

/** Inputs that the stand-in does not support: refused rather than silently ignored. */
export const UNSUPPORTED_INPUTS = [
  "attach",
  "deviceReadBps",
  "deviceReadIops",
  "deviceRequests",
  "deviceWriteBps",
  "deviceWriteIops",
  "devices",
  "gpus",
  "healthcheck",
  "logs",
  "mounts",
  "platform",
  "wait",
];

export const MB = 1024 * 1024;
/** Handled by the client: the daemon knows only the paths that it stands for. */
const SYSTEM_PATHS = "systempaths=unconfined";

export function labelMap(labels: Label[] = []): Record<string, string> {
  return Object.fromEntries(labels.map(({ label, value }) => [label, value]));
}

/** The daemon's request for the container that the inputs describe. */
export function createRequest(inputs: ContainerInputs): Docker.ContainerCreateOptions {
  const { ports = [], volumes = [], securityOpts = [] } = inputs;
  const mounted = volumes.filter(({ volumeName, hostPath }) => volumeName || hostPath);
  const portName = (port: { internal: number; protocol: string }) =>
    `${port.internal}/${port.protocol}`;
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    bindings[portName(port)] ??= [];
    bindings[portName(port)]?.push({ HostIp: port.ip, HostPort: String(port.external ?? 0) });
  }
  return {
    name: inputs.name,
    Image: inputs.image,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    Env: inputs.envs,
    Cmd: inputs.command,
    Entrypoint: inputs.entrypoints,
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Labels: labelMap(inputs.labels),
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    ExposedPorts: Object.fromEntries(ports.map((port) => [portName(port), {}])),
    Volumes: Object.fromEntries(
      volumes.flatMap(({ containerPath }) => (containerPath ? [[containerPath, {}]] : [])),
    ),
    HostConfig: {
      AutoRemove: inputs.rm,
      Binds: mounted.map(({ hostPath, volumeName, containerPath, readOnly, selinuxRelabel }) => {
        const options = [readOnly ? "ro" : "rw", ...(selinuxRelabel ? [selinuxRelabel] : [])];
        return `${hostPath || volumeName}:${containerPath}:${options.join(",")}`;
      }),
      VolumesFrom: volumes.flatMap(({ fromContainer }) => fromContainer || []),
      CapAdd: capabilities(inputs.capabilities?.adds),
      CapDrop: capabilities(inputs.capabilities?.drops),
      CgroupParent: inputs.cgroupParent,
      ...{ CgroupnsMode: inputs.cgroupnsMode },
      CpuPeriod: inputs.cpuPeriod,
      CpuQuota: inputs.cpuQuota,
      NanoCpus: inputs.cpus === undefined ? undefined : Math.round(Number(inputs.cpus) * 1e9),
      Dns: inputs.dns,
      DnsOptions: inputs.dnsOpts,
      DnsSearch: inputs.dnsSearches,
      ExtraHosts: inputs.hosts?.map(({ host, ip }) => `${host}:${ip}`),
      GroupAdd: inputs.groupAdds,
      Init: inputs.init ?? false,
      IpcMode: inputs.ipcMode,
      LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
      NetworkMode: inputs.networkMode,
      PidMode: inputs.pidMode,
      PortBindings: bindings,
      Privileged: inputs.privileged,
      PublishAllPorts: inputs.publishAllPorts,
      ReadonlyRootfs: inputs.readOnly,
      Runtime: inputs.runtime,
      SecurityOpt: securityOpts.filter((option) => option !== SYSTEM_PATHS),
      ...(securityOpts.includes(SYSTEM_PATHS) && { MaskedPaths: [], ReadonlyPaths: [] }),
      ShmSize: (inputs.shmSize ?? 0) * MB,
      StorageOpt: inputs.storageOpts,
      Sysctls: inputs.sysctls,
      Tmpfs: inputs.tmpfs,
      Ulimits: inputs.ulimits?.map(({ name, soft, hard }) => ({
        Name: name,
        Soft: soft,
        Hard: hard,
      })),
      UsernsMode: inputs.usernsMode,
      ...limits(inputs),
    },
  };
}

/** Capabilities in the form of Docker's own client, in which they are also read back. */
function capabilities(names: string[] = []): string[] {
  const full = names
    .map((name) => name.toUpperCase())
    .map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`));
  return [...new Set(full)].sort();
}

/** Settings that the daemon can change while the container runs. */
export const UPDATABLE_INPUTS = [
  "cpuSet",
  "cpuShares",
  "maxRetryCount",
  "memory",
  "memoryReservation",
  "memorySwap",
  "restart",
];

export function limits(inputs: ContainerInputs) {
  const { memorySwap = 0 } = inputs;
  return {
    CpusetCpus: inputs.cpuSet,
    CpuShares: inputs.cpuShares,
    Memory: (inputs.memory ?? 0) * MB,
    MemoryReservation: (inputs.memoryReservation ?? 0) * MB,
    MemorySwap: memorySwap > 0 ? memorySwap * MB : memorySwap,
    RestartPolicy: { Name: inputs.restart ?? "no", MaximumRetryCount: inputs.maxRetryCount ?? 0 },
  };
}
