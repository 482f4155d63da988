import type { Field, Fields } from "../lib/fields";

/** The resource types' properties, named and kept as the official docker plugin 5.x does. */

const text: Field = { type: "string" };
const number: Field = { type: "number" };
const flag: Field = { type: "boolean" };
const list: Field = { type: "list", items: text };
const set: Field = { type: "set", items: text };
const map: Field = { type: "map", items: text };
const objects = (fields: Fields): Field => ({ type: "set", items: { type: "object", fields } });

const required = (field: Field): Field => ({ ...field, required: true });
/** A change replaces the resource. */
const fixed = (field: Field): Field => ({ ...field, replaces: true });
/** Chosen by the engine if the program does not set it. */
const chosen = (field: Field): Field => ({ ...field, computed: true });
/** Known once the resource exists; the program cannot set it. */
const output = (field: Field): Field => ({ ...field, computed: true, output: true });
const byDefault = (field: Field, value: Field["default"]): Field => ({ ...field, default: value });

const labels = objects({ label: required(text), value: required(text) });
const rates = objects({ path: required(text), rate: required(number) });

export const CONTAINER: Fields = {
  attach: byDefault(flag, false),
  bridge: output(text),
  capabilities: fixed({ type: "object", fields: { adds: set, drops: set } }),
  cgroupParent: fixed(text),
  cgroupnsMode: fixed(text),
  command: chosen(fixed(list)),
  containerLogs: output(text),
  containerReadRefreshTimeoutMilliseconds: byDefault(number, 15_000),
  cpuPeriod: number,
  cpuQuota: number,
  cpuSet: text,
  cpuShares: number,
  cpus: fixed(text),
  destroyGraceSeconds: number,
  deviceReadBps: rates,
  deviceReadIops: rates,
  deviceRequests: fixed(
    objects({ capabilities: set, count: number, deviceIds: set, driver: text, options: map }),
  ),
  deviceWriteBps: rates,
  deviceWriteIops: rates,
  devices: fixed(
    objects({ containerPath: text, hostPath: required(text), permissions: byDefault(text, "rwm") }),
  ),
  dns: fixed(set),
  dnsOpts: fixed(set),
  dnsSearches: fixed(set),
  domainname: fixed(text),
  entrypoints: chosen(fixed(list)),
  envs: chosen(fixed(set)),
  exitCode: output(number),
  gpus: fixed(text),
  groupAdds: fixed(set),
  healthcheck: chosen({
    type: "object",
    fields: {
      interval: byDefault(text, "0s"),
      retries: number,
      startInterval: byDefault(text, "0s"),
      startPeriod: byDefault(text, "0s"),
      tests: list,
      timeout: byDefault(text, "0s"),
    },
  }),
  hostname: chosen(fixed(text)),
  hosts: fixed(objects({ host: required(text), ip: required(text) })),
  image: required(fixed(text)),
  init: chosen(flag),
  ipcMode: chosen(fixed(text)),
  labels: chosen(fixed(labels)),
  logDriver: chosen(fixed(text)),
  logOpts: fixed(map),
  logs: byDefault(flag, false),
  maxRetryCount: number,
  memory: number,
  memoryReservation: byDefault(number, 0),
  memorySwap: number,
  mounts: fixed(
    objects({
      bindOptions: { type: "object", fields: { propagation: text } },
      readOnly: flag,
      source: text,
      target: required(text),
      tmpfsOptions: { type: "object", fields: { mode: number, sizeBytes: number } },
      type: required(text),
      volumeOptions: {
        type: "object",
        fields: { driverName: text, driverOptions: map, labels, noCopy: flag, subpath: text },
      },
    }),
  ),
  mustRun: byDefault(flag, true),
  name: required(fixed(text)),
  networkDatas: output({ type: "list", items: { type: "any" } }),
  networkMode: byDefault(fixed(text), "bridge"),
  networksAdvanced: fixed(
    objects({
      aliases: set,
      driverOpts: set,
      gwPriority: number,
      ipv4Address: text,
      ipv6Address: text,
      linkLocalIps: set,
      macAddress: text,
      name: required(text),
    }),
  ),
  pidMode: fixed(text),
  platform: chosen(fixed(text)),
  // A list in the official plugin too, whose comparison ignores the order.
  ports: fixed(
    objects({
      external: chosen(number),
      internal: required(number),
      ip: byDefault(text, "0.0.0.0"),
      protocol: byDefault(text, "tcp"),
    }),
  ),
  privileged: fixed(flag),
  publishAllPorts: fixed(flag),
  readOnly: byDefault(fixed(flag), false),
  removeVolumes: byDefault(flag, true),
  restart: byDefault(text, "no"),
  rm: byDefault(flag, false),
  runtime: chosen(fixed(text)),
  securityOpts: chosen(fixed(set)),
  shmSize: chosen(fixed(number)),
  start: byDefault(flag, true),
  stdinOpen: byDefault(fixed(flag), false),
  stopSignal: chosen(fixed(text)),
  stopTimeout: chosen(fixed(number)),
  storageOpts: fixed(map),
  sysctls: fixed(map),
  tmpfs: map,
  tty: byDefault(fixed(flag), false),
  ulimits: fixed(objects({ hard: required(number), name: required(text), soft: required(number) })),
  uploads: fixed(
    objects({
      content: text,
      contentBase64: text,
      executable: byDefault(flag, false),
      file: required(text),
      permissions: text,
      source: text,
      sourceHash: text,
    }),
  ),
  user: fixed(text),
  usernsMode: fixed(text),
  volumes: fixed(
    objects({
      containerPath: text,
      fromContainer: text,
      hostPath: text,
      readOnly: flag,
      selinuxRelabel: text,
      volumeName: text,
    }),
  ),
  wait: byDefault(flag, false),
  waitTimeout: byDefault(number, 60),
  workingDir: fixed(text),
};

export const NETWORK: Fields = {
  attachable: fixed(flag),
  driver: chosen(fixed(text)),
  ingress: fixed(flag),
  internal: chosen(fixed(flag)),
  ipamConfigs: chosen(
    fixed(objects({ auxAddress: map, gateway: text, ipRange: text, subnet: text })),
  ),
  ipamDriver: byDefault(fixed(text), "default"),
  ipamOptions: fixed(map),
  ipv6: fixed(flag),
  labels: fixed(labels),
  name: required(fixed(text)),
  options: chosen(fixed(map)),
  scope: output(text),
};

export const VOLUME: Fields = {
  cluster: { type: "object", fields: {} },
  driver: chosen(fixed(text)),
  driverOpts: fixed(map),
  labels: fixed(labels),
  mountpoint: output(text),
  name: required(fixed(text)),
};
