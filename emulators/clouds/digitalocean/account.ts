import { randomUUID } from "node:crypto";
import type { Machine } from "../contract";
import { type Range, toNumber } from "../machines/addresses";
import type { Catalogue, Image, Size } from "./catalogue";
import { notFound, unprocessable } from "./errors";

export interface Droplet {
  id: number;
  name: string;
  region: string;
  size: Size;
  /** GB; unchanged by a reversible resize. */
  disk: number;
  image: Image;
  status: "new" | "active" | "off";
  createdAt: string;
  features: Set<string>;
  tags: Set<string>;
  vpc: Vpc;
  keys: SshKey[];
  userData: string;
  /** Known once active. */
  addresses?: Machine;
}

export interface Vpc {
  id: string;
  name: string;
  description: string;
  region: string;
  cidr: string;
  range: Range;
  /** Droplets that name no VPC are in it; it cannot be deleted. */
  default: boolean;
  createdAt: string;
  /** The machines' network: created when the first droplet needs it. */
  network?: Promise<void>;
}

export interface SshKey {
  id: number;
  name: string;
  publicKey: string;
  fingerprint: string;
}

export interface Firewall {
  id: string;
  name: string;
  inbound: FirewallRule[];
  outbound: FirewallRule[];
  dropletIds: number[];
  tags: string[];
  createdAt: string;
}

export interface FirewallRule {
  protocol: "tcp" | "udp" | "icmp";
  /** `22`, `8000-9000`, or `0` for all. */
  ports: string;
  peers: { addresses: string[]; tags: string[]; dropletIds: number[] };
}

export interface Project {
  id: string;
  name: string;
  description: string;
  purpose: string;
  environment: string;
  isDefault: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface ReservedIp {
  address: string;
  region: string;
  droplet?: Droplet;
}

export interface Action {
  id: number;
  type: string;
  status: "in-progress" | "completed" | "errored";
  startedAt: string;
  completedAt: string | null;
  resourceId: number;
  resourceType: "droplet" | "reserved_ip";
  region: string;
}

/** Everything that a user has in the cloud. */
export class Account {
  readonly uuid = randomUUID();
  readonly droplets = new Map<number, Droplet>();
  readonly vpcs = new Map<string, Vpc>();
  readonly keys = new Map<number, SshKey>();
  /** Names as first written, by their lower-case form: names are case-insensitive. */
  readonly tags = new Map<string, string>();
  readonly firewalls = new Map<string, Firewall>();
  readonly projects = new Map<string, Project>();
  /** Projects' ids by the URNs of their resources; all others are in the default project. */
  readonly assignments = new Map<string, string>();
  readonly reservedIps = new Map<string, ReservedIp>();
  readonly actions = new Map<number, Action>();
  private lastId = 512_000_000;

  constructor(readonly catalogue: Catalogue) {}

  /** Droplets, keys and actions are numbered. */
  newId(): number {
    return ++this.lastId;
  }

  droplet(id: string | number): Droplet {
    return found(this.droplets.get(Number(id)));
  }

  vpc(id: string): Vpc {
    return found(this.vpcs.get(id));
  }

  /** @param key an id or a fingerprint */
  key(key: string | number): SshKey | undefined {
    return (
      this.keys.get(Number(key)) ??
      [...this.keys.values()].find(({ fingerprint }) => fingerprint === key)
    );
  }

  firewall(id: string): Firewall {
    return found(this.firewalls.get(id));
  }

  /** @param id or `default` */
  project(id: string): Project {
    const all = [...this.projects.values()];
    return found(all.find((project) => (id === "default" ? project.isDefault : project.id === id)));
  }

  reservedIp(address: string): ReservedIp {
    return found(this.reservedIps.get(address));
  }

  /** The tag's original spelling. */
  tag(name: string): string {
    return found(this.tags.get(name.toLowerCase()));
  }

  tagged(name: string): Droplet[] {
    const tag = this.tags.get(name.toLowerCase());
    return tag === undefined ? [] : [...this.droplets.values()].filter(({ tags }) => tags.has(tag));
  }

  members(vpc: Vpc): Droplet[] {
    return [...this.droplets.values()].filter((droplet) => droplet.vpc === vpc);
  }

  /** @throws ApiError when another action on the droplet is in progress */
  requireIdle({ id, status }: Droplet): void {
    const busy = [...this.actions.values()].some(
      (action) => action.resourceId === id && action.status === "in-progress",
    );
    if (status === "new" || busy) throw unprocessable("Droplet already has a pending event.");
  }

  /** Starts work whose status clients poll. */
  act(type: string, resource: Droplet | ReservedIp, work: Promise<void>): Action {
    const isDroplet = "id" in resource;
    const action: Action = {
      id: this.newId(),
      type,
      status: "in-progress",
      startedAt: now(),
      completedAt: null,
      resourceId: isDroplet ? resource.id : toNumber(resource.address),
      resourceType: isDroplet ? "droplet" : "reserved_ip",
      region: resource.region,
    };
    this.actions.set(action.id, action);
    work.then(
      () => {
        action.status = "completed";
        action.completedAt = now();
      },
      (error) => {
        console.error(error);
        action.status = "errored";
      },
    );
    return action;
  }

  actionView({ id, type, status, startedAt, completedAt, resourceId, ...action }: Action): object {
    return {
      id,
      status,
      type,
      started_at: startedAt,
      completed_at: completedAt,
      resource_id: resourceId,
      resource_type: action.resourceType,
      region: this.catalogue.regionView(action.region),
      region_slug: action.region,
    };
  }
}

function found<Resource>(resource: Resource | undefined): Resource {
  if (resource === undefined) throw notFound();
  return resource;
}

/** The time as the API writes it. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
