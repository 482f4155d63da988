import type { FastifyInstance } from "fastify";

// How the parts of an emulated cloud meet: the daemon (bin/emulated-cloud) starts one Cloud and gives it
// Machines and Faults; the cloud is its API, machines are what it sells.

/** An emulated cloud: its API, which the daemon serves where this machine and the emulated ones reach it. */
export interface Cloud {
  /** Serves the API. */
  routes(server: FastifyInstance): void;
  /** What a program needs to use it: the endpoint's variable and credentials. */
  environment(endpoint: string): Record<string, string>;
  /** The names by which configurations choose the two machine images. */
  images: Record<MachineImage, string>;
  /** Everything that exists and costs or blocks: for tests that say that nothing is left. */
  state(): Promise<CloudResource[]> | CloudResource[];
  /** Ends processes of its own, such as moto's server. Machines and networks are removed by the daemon. */
  close(): Promise<void>;
}

export interface CloudResource {
  /** Such as `droplet`, `vpc`, `instance`, `security-group`. */
  kind: string;
  id: string;
  name: string;
  tags: string[];
  state: string;
}

/** `docker`: Docker is installed. `snapshot`: and the cluster's images are in it. */
export type MachineImage = "docker" | "snapshot";

export interface MachineSpec {
  /** The cloud's id for it; the guest finds it in /var/lib/cloud/data/instance-id. */
  id: string;
  /** The name that people gave it; also the hostname, unless the cloud has another. */
  name: string;
  hostname: string;
  cpus: number;
  memoryMb: number;
  image: MachineImage;
  /** Run once, at the first boot. */
  userData: string;
  /** Ids of private networks, see {@link Machines.createNetwork}; an address in each, or one is chosen. */
  network: string;
  privateAddress?: string;
  /** Traffic that passes from its first packet on; see {@link Machines.setFirewall}. */
  firewall: Firewall;
  /** Whether containers on the machine reach the metadata service, as on DigitalOcean. */
  metadataForContainers: boolean;
  /** Called when it powers off, whoever did it, but not when it is lost or destroyed. */
  onPowerOff(): void;
}

export interface Machine {
  publicAddress: string;
  privateAddress: string;
}

/** Undefined in place of a list of rules: everything passes. An empty list: nothing does. */
export interface Firewall {
  inbound?: FirewallRule[];
  outbound?: FirewallRule[];
}

export interface FirewallRule {
  protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last port; all when missing. */
  ports?: [number, number];
  /** CIDRs of the other side. */
  addresses: string[];
}

/** Machines and their networks: containers, or (`--machines simulated`) states only. */
export interface Machines {
  /** Networks may have the same range: whether that is allowed is the cloud's rule. */
  createNetwork(id: string, cidr: string): Promise<void>;
  removeNetwork(id: string): Promise<void>;
  /**
   * Powers a new machine on and returns, with its addresses, before it has booted: the guest needs its boot
   * time from then on.
   */
  create(spec: MachineSpec): Promise<Machine>;
  destroy(id: string): Promise<void>;
  powerOff(id: string): Promise<void>;
  powerOn(id: string): Promise<void>;
  setFirewall(id: string, firewall: Firewall): Promise<void>;
  /** Gives a machine one more public address (a reserved or elastic one); null takes it away. */
  setReservedAddress(id: string, address: string | null): Promise<void>;
  /** A free address of the public range, for reserved and elastic addresses. */
  reserveAddress(): string;
  releaseAddress(address: string): void;
  /** The machine that has this public or private address: who asks the metadata service. */
  byAddress(address: string): string | undefined;
}

/** What tests have ordered to go wrong. */
export interface Faults {
  /**
   * To be asked for each API request, before its work is done.
   *
   * @param request method and path, and for AWS the action
   */
  match(request: { method: string; path: string; action?: string }): Fault | undefined;
  /** Limits such as `droplets` that tests have set. */
  limit(name: string): number | undefined;
}

export interface Fault {
  status: number;
  code?: string;
  message?: string;
  /** Do the work first, then answer the error. */
  after: boolean;
}

/** Begins a cloud: the index.ts of each one's folder exports one of these. */
export type StartCloud = (context: {
  machines: Machines;
  /** The machine images that there are: no `snapshot` when the daemon was given no seed for it. */
  machineImages?: ReadonlySet<MachineImage>;
  faults: Faults;
  /** Seconds between an API call that makes a machine and its `active` or `running`. */
  provisionSeconds: number;
  /** Registers what the control address can do to a machine beside losing it and powering it off. */
  onControl(action: string, work: (name: string, body: unknown) => Promise<void>): void;
}) => Promise<Cloud>;
