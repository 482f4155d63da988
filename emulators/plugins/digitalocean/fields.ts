import type { Field, Fields } from "../lib/fields";

/** The resource types' properties, named and kept as the official digitalocean plugin 4.80 does. */

const text: Field = { type: "string" };
const number: Field = { type: "number" };
const flag: Field = { type: "boolean" };
const list: Field = { type: "list", items: text };
const texts: Field = { type: "set", items: text };
const numbers: Field = { type: "set", items: number };
const objects = (fields: Fields): Field => ({ type: "set", items: { type: "object", fields } });

const required = (field: Field): Field => ({ ...field, required: true });
/** A change replaces the resource. */
const fixed = (field: Field): Field => ({ ...field, replaces: true });
/** Chosen by the cloud if the program does not set it. */
const chosen = (field: Field): Field => ({ ...field, computed: true });
/** Known once the resource exists; the program cannot set it. */
const output = (field: Field): Field => ({ ...field, computed: true, output: true });
const byDefault = (field: Field, value: Field["default"]): Field => ({ ...field, default: value });

export const DROPLET: Fields = {
  backupPolicy: { type: "any" },
  backups: byDefault(flag, false),
  createdAt: output(text),
  disk: output(number),
  dropletAgent: fixed(flag),
  dropletUrn: output(text),
  gpuPartitionMode: fixed(text),
  gracefulShutdown: byDefault(flag, false),
  image: required(fixed(text)),
  ipv4Address: output(text),
  ipv4AddressPrivate: output(text),
  ipv6: byDefault(flag, false),
  ipv6Address: chosen(text),
  locked: output(flag),
  memory: output(number),
  monitoring: byDefault(fixed(flag), false),
  name: required(text),
  priceHourly: output(number),
  priceMonthly: output(number),
  privateNetworking: chosen(flag),
  publicNetworking: chosen(fixed(flag)),
  region: chosen(fixed(text)),
  resizeDisk: byDefault(flag, true),
  size: required(text),
  sshKeys: fixed(texts),
  status: output(text),
  tags: texts,
  userData: fixed(text),
  vcpus: output(number),
  volumeIds: chosen(texts),
  vpcUuid: chosen(fixed(text)),
};

const rule = (peer: "source" | "destination"): Fields => ({
  portRange: text,
  protocol: required(text),
  [`${peer}Addresses`]: texts,
  [`${peer}DropletIds`]: numbers,
  [`${peer}KubernetesIds`]: texts,
  [`${peer}LoadBalancerUids`]: texts,
  [`${peer}Tags`]: texts,
});

export const FIREWALL: Fields = {
  createdAt: output(text),
  dropletIds: numbers,
  inboundRules: objects(rule("source")),
  name: required(text),
  outboundRules: objects(rule("destination")),
  pendingChanges: output(list),
  status: output(text),
  tags: texts,
};

export const PROJECT: Fields = {
  createdAt: output(text),
  description: byDefault(text, ""),
  environment: text,
  isDefault: byDefault(flag, false),
  name: required(text),
  ownerId: output(number),
  ownerUuid: output(text),
  purpose: byDefault(text, "Web Application"),
  resources: chosen(texts),
  updatedAt: output(text),
};

export const PROJECT_RESOURCES: Fields = {
  project: required(fixed(text)),
  resources: required(texts),
};

export const RESERVED_IP: Fields = {
  dropletId: number,
  ipAddress: output(text),
  region: required(fixed(text)),
  reservedIpUrn: output(text),
};

export const RESERVED_IP_ASSIGNMENT: Fields = {
  dropletId: required(fixed(number)),
  ipAddress: required(fixed(text)),
};

export const SSH_KEY: Fields = {
  fingerprint: output(text),
  name: required(text),
  publicKey: required(fixed(text)),
};

export const TAG: Fields = {
  databasesCount: output(number),
  dropletsCount: output(number),
  imagesCount: output(number),
  name: required(fixed(text)),
  totalResourceCount: output(number),
  volumeSnapshotsCount: output(number),
  volumesCount: output(number),
};

export const VPC: Fields = {
  createdAt: output(text),
  default: output(flag),
  description: text,
  ipRange: chosen(fixed(text)),
  name: required(text),
  region: required(fixed(text)),
  vpcUrn: output(text),
};
