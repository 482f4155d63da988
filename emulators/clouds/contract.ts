import type { FastifyInstance } from "fastify";

// The interfaces between the parts of an emulated cloud: the daemon (bin/emulated-cloud) starts one Cloud and gives it
// Machines and Faults; the cloud is its API, machines are what it sells.

/** An emulated cloud: the daemon serves its API to this machine and to the emulated ones. */
export interface Cloud {
  /** Serves the API. */
  routes(server: FastifyInstance): void;
  /** Environment for programs that use it: the endpoint's variable and credentials. */
  environment(endpoint: string): Record<string, string>;
  /** The configuration names of the two machine images. */
  images: Record<MachineImage, string>;
  /** Everything that exists and costs money or blocks a name: for tests that check that nothing is left. */
  state(): Promise<CloudResource[]> | CloudResource[];
  /** Ends its own processes, such as moto's server. The daemon removes machines and networks. */
  close(): Promise<void>;
}

export interface CloudResource {
  /** For example `droplet`, `vpc`, `instance`, `security-group`. */
  kind: string;
  id: string;
  name: string;
  tags: string[];
  state: string;
}

/** `docker`: Docker is installed. `snapshot`: it also contains the cluster's images. */
export type MachineImage = "docker" | "snapshot";

export interface MachineSpec {
  /** The cloud's id for it; on the machine in /var/lib/cloud/data/instance-id. */
  id: string;
  /** Its name for users; also the hostname, unless the cloud has another. */
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
  /** Traffic that is allowed from the first packet on; see {@link Machines.setFirewall}. */
  firewall: Firewall;
  /** Whether containers on the machine reach the metadata service, as on DigitalOcean. */
  metadataForContainers: boolean;
  /** Called when it powers off for any reason, but not when it is lost or destroyed. */
  onPowerOff(): void;
}

export interface Machine {
  publicAddress: string;
  privateAddress: string;
}

/** Undefined instead of a list of rules allows everything. An empty list allows nothing. */
export interface Firewall {
  inbound?: FirewallRule[];
  outbound?: FirewallRule[];
}

export interface FirewallRule {
  protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last port; all if missing. */
  ports?: [number, number];
  /** CIDRs of the other side. */
  addresses: string[];
}

/** Machines and their networks: containers, or (`--machines simulated`) only states. */
export interface Machines {
  /** Networks may have the same range: each cloud decides whether that is allowed. */
  createNetwork(id: string, cidr: string): Promise<void>;
  removeNetwork(id: string): Promise<void>;
  /** Powers a new machine on and returns its addresses before it has booted; the boot time counts from then on. */
  create(spec: MachineSpec): Promise<Machine>;
  destroy(id: string): Promise<void>;
  powerOff(id: string): Promise<void>;
  powerOn(id: string): Promise<void>;
  setFirewall(id: string, firewall: Firewall): Promise<void>;
  /** Gives a machine an additional public address (a reserved or elastic one); null removes it. */
  setReservedAddress(id: string, address: string | null): Promise<void>;
  /** A free address of the public range, for reserved and elastic addresses. */
  reserveAddress(): string;
  releaseAddress(address: string): void;
  /** The machine with this public or private address: the client of the metadata service. */
  byAddress(address: string): string | undefined;
}

/** Faults that tests have ordered. */
export interface Faults {
  /**
   * Must be called for each API request, before its work is done.
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
  /** Do the work first, then return the error. */
  after: boolean;
}

/** Starts a cloud: each one's index.ts exports one of these. */
export type StartCloud = (context: {
  machines: Machines;
  /** The available machine images: no `snapshot` if the daemon was given no seed for it. */
  machineImages?: ReadonlySet<MachineImage>;
  faults: Faults;
  /** Seconds between an API call that creates a machine and its `active` or `running`. */
  provisionSeconds: number;
  /** Registers control actions on a machine in addition to losing it and powering it off. */
  onControl(action: string, work: (name: string, body: unknown) => Promise<void>): void;
}) => Promise<Cloud>;
