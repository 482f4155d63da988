import type { MockResourceArgs, MockResourceResult } from "@pulumi/pulumi/runtime";

type State = Record<string, unknown>;

/** The creation time of every cluster. */
export const SINCE = "2026-01-02T03:04:05Z";

/** The end of every stack's tag. */
export const TAG_SUFFIX = "-0a1b2c3d";

/** The providers' answer to a creation, as far as the program reads it. */
export function created({ name, type, inputs }: MockResourceArgs): MockResourceResult {
  const answer = ANSWERS[type]?.(name, inputs as State) ?? {};
  const id = type === "digitalocean:index/tag:Tag" ? inputs.name : idOf(name, type);
  return { id, state: { ...inputs, ...answer } };
}

/** DigitalOcean numbers its droplets. A tag's id is its name. */
export function idOf(name: string, type = ""): string {
  if (type === "digitalocean:index/droplet:Droplet") return dropletId(name);
  return `id-of-${name}`;
}

/** 100 for a manager, 101 for worker-0, and so on. */
export function dropletId(name: string): string {
  const [, worker] = /worker-(\d+)$/.exec(name) ?? [];
  return `${worker === undefined ? 100 : 101 + Number(worker)}`;
}

const ANSWERS: Record<string, (name: string, given: State) => State> = {
  "docker:index/container:Container": (_, given) => {
    const ports = (given.ports ?? []) as { internal: number }[];
    return {
      networkDatas: [{ ipAddress: "172.20.0.9" }],
      ports: ports.map((port) => ({ ...port, external: 40000 + port.internal })),
    };
  },
  "command:local:Command": (name) => {
    if (name.endsWith("-since")) return { stdout: SINCE };
    if (name.endsWith("-id")) return { stdout: name.replace(/-id$/, TAG_SUFFIX) };
    return { stdout: `${publicKeyOf(name)}\n${privateKeyOf(name)}` };
  },
  "digitalocean:index/vpc:Vpc": () => ({ ipRange: "10.108.0.0/20" }),
  "digitalocean:index/sshKey:SshKey": (name) => ({ fingerprint: `fingerprint of ${name}` }),
  "digitalocean:index/droplet:Droplet": (name) => ({
    ipv4Address: `198.51.100.${dropletId(name)}`,
    ipv4AddressPrivate: `10.108.0.${dropletId(name)}`,
    dropletUrn: `do:droplet:${dropletId(name)}`,
  }),
  "digitalocean:index/reservedIp:ReservedIp": () => ({ ipAddress: "198.51.100.7" }),
  // The plugin chooses the name, since the program does not.
  "aws:ec2/keyPair:KeyPair": (name) => ({ keyName: `name of ${name}` }),
  "aws:iam/role:Role": (name) => ({ name: `name of ${name}` }),
  "aws:iam/instanceProfile:InstanceProfile": (name) => ({ name: `name of ${name}` }),
  "aws:ec2/instance:Instance": (name, given) => ({
    publicIp: `public address of ${name}`,
    privateIp: given.privateIp ?? `private address of ${name}`,
  }),
};

/** The public key from the command of this name. */
export function publicKeyOf(name: string): string {
  return `ssh-ed25519 AAAA-${name}`;
}
export function privateKeyOf(name: string): string {
  return `-----BEGIN OPENSSH PRIVATE KEY-----\nit's ${name}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
