import { join } from "node:path";
import * as digitalocean from "@pulumi/digitalocean";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import type { SshKey } from "../../ssh-key";
import type { BootstrapAction } from "../bootstrap";
import {
  type Host,
  type Hosts,
  type Lost,
  MANAGER_PORTS,
  type Manager,
  PUBLIC_PORTS,
  SWARM_PORTS,
} from "../contract";
import { hostKeys } from "../keys";
import { managerOf, publicly } from "../manager";
import { type Sweep, sweeper } from "../sweep";
import { stackTag } from "../tag";
import { userData } from "../user-data";

/** A size of droplets. */
export interface Size {
  /** DigitalOcean's name for it, such as `s-2vcpu-4gb`. */
  slug: string;
  /** Virtual CPUs. */
  vcpus: number;
  /** Memory, in MB. */
  memory: number;
}

export interface DigitalOceanHostsArgs {
  /** The slug of a region, such as `fra1`. */
  region: string;
  /** A slug, or a snapshot's number. The image must have Docker. */
  image: string;
  /** The manager's size. */
  managerSize: Size;
  /** The size of all workers. */
  workerSize: Size;
  /** The other hosts. */
  workers: {
    /** How many workers there are. */
    count: number;
  };
  /** Who can reach the hosts from outside. */
  access: {
    /** CIDRs (IPv4) that can reach the manager's SSH and the bastion. */
    allowFrom: string[];
  };
  /** Whether the manager has an address that outlives it. */
  reservedAddress: boolean;
  /** Actions that run on hosts before they join the Swarm. */
  bootstrap: BootstrapAction[];
  /**
   * A token that may delete droplets, with which the cluster ends itself.
   *
   * @default none: the cluster cannot end itself
   */
  endToken?: Input<string>;
  /** Whether the account has no default VPC in the region yet. */
  regionIsNew: boolean;
  /**
   * Workers that must be replaced.
   *
   * @default none
   */
  lost?: Lost;
}

const ANYWHERE = ["0.0.0.0/0", "::/0"];

/** Finds a stack's resources in an account by tag and names, and deletes them. */
export const DIGITALOCEAN_SWEEP: Sweep = {
  command: "node --input-type=module -",
  script: join(__dirname, "sweep.mjs"),
};

/**
 * Droplets in a VPC of their own. Firewalls let in only SSH and the bastion, only on the manager and only from
 * `allowFrom`. Droplets carry the stack's tag and name; the names of all other resources contain the tag.
 *
 * @example
 * ```ts
 * import { Swarm } from "spark-swarm";
 * import { DigitalOceanHosts } from "spark-swarm/digitalocean";
 *
 * const size = { slug: "s-2vcpu-4gb", vcpus: 2, memory: 4096 };
 * const hosts = new DigitalOceanHosts("lab", {
 *   region: "fra1",
 *   image: "docker-20-04",
 *   managerSize: size,
 *   workerSize: size,
 *   workers: { count: 3 },
 *   access: { allowFrom: ["198.51.100.7/32"] },
 *   reservedAddress: false,
 *   bootstrap: [],
 *   regionIsNew: false,
 * });
 * export const swarm = new Swarm("lab-swarm", { hosts });
 * ```
 */
export class DigitalOceanHosts extends ComponentResource implements Hosts {
  readonly manager: Manager;
  readonly workers: Host[];
  readonly clientKey: SshKey;
  readonly end?: Input<string>;

  private readonly prefix: string;
  private readonly sshKey: digitalocean.SshKey;
  private readonly vpc: digitalocean.Vpc;
  private readonly allTag: digitalocean.Tag;
  private readonly managerTag: digitalocean.Tag;
  private readonly tag: Output<string>;
  /**
   * On destroy deletes at once all that carries the tag, since something that Pulumi does not know may use it.
   */
  private readonly swept: { parent: Resource; dependsOn: Resource; deletedWith: Resource };
  /** What must exist before a droplet, so that none is ever open. */
  private readonly firewalls: Resource[];

  constructor(
    name: string,
    private readonly args: DigitalOceanHostsArgs,
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:hosts:DigitalOceanHosts", name, {}, opts);
    this.prefix = name;
    const keys = hostKeys(name, args.workers.count, this, args.lost);
    this.clientKey = keys.client;
    this.tag = stackTag(name, this);
    const sweep = sweeper(`${name}-sweep`, DIGITALOCEAN_SWEEP, this.tag, this);
    this.swept = { parent: this, dependsOn: sweep, deletedWith: sweep };
    // A key must be unique in an account, and so must the names of VPCs, firewalls and projects.
    const unique = { ...this.swept, deleteBeforeReplace: true };
    this.sshKey = new digitalocean.SshKey(
      `${name}-ssh-key`,
      { name: this.tag, publicKey: keys.client.publicKey },
      unique,
    );
    this.vpc = new digitalocean.Vpc(
      `${name}-vpc`,
      { name: this.tag, region: args.region },
      { ...unique, dependsOn: args.regionIsNew ? [sweep, this.defaultVpc(name)] : sweep },
    );
    this.allTag = new digitalocean.Tag(`${name}-tag`, { name: this.tag }, this.swept);
    this.managerTag = new digitalocean.Tag(
      `${name}-manager-tag`,
      { name: interpolate`${this.tag}-manager` },
      this.swept,
    );
    this.firewalls = this.createFirewalls(name);

    const managerDroplet = this.droplet(
      "manager",
      args.managerSize,
      [this.allTag.id, this.managerTag.id],
      userData("manager", {
        ...this.variables("manager", args.managerSize, keys.manager),
        JOIN_PUBLIC_KEY: keys.join.publicKey,
      }),
      true,
    );
    this.manager = managerOf(
      name,
      hostOf("manager", managerDroplet, keys.manager),
      publicly(this.publicAddress(name, managerDroplet)),
      { keys, actions: args.bootstrap },
      this,
    );
    const droplets = keys.workers.map(({ name: hostName, key, lost }) => {
      const droplet = this.droplet(
        hostName,
        args.workerSize,
        [this.allTag.id],
        userData("worker", {
          ...this.variables(hostName, args.workerSize, key),
          JOIN_KEY: keys.join.privateKey,
          MANAGER: managerDroplet.ipv4AddressPrivate,
          MANAGER_HOST_KEY: keys.manager.publicKey,
        }),
        lost,
      );
      return { droplet, host: hostOf(hostName, droplet, key) };
    });
    this.workers = droplets.map(({ host }) => host);
    this.project(name, [managerDroplet, ...droplets.map(({ droplet }) => droplet)]);
    this.end = this.endCommand();
    this.registerOutputs({});
  }

  /**
   * The first VPC of a region becomes its default, which can never be deleted. So this creates one with the name that
   * DigitalOcean itself would give it. It stays in the account, and ours can be deleted.
   */
  private defaultVpc(name: string): Resource {
    const { region } = this.args;
    return new digitalocean.Vpc(
      `${name}-default-vpc`,
      { name: `default-${region}`, region },
      { parent: this, retainOnDelete: true },
    );
  }

  private variables(hostName: string, size: Size, key: SshKey) {
    return {
      NAME: hostName,
      HOST_KEY: key.privateKey,
      AUTHORIZED_KEY: this.clientKey.publicKey,
      HOST_CPUS: `${size.vcpus}`,
      HOST_MEMORY_MB: `${size.memory}`,
      PRIVATE_RANGE: this.vpc.ipRange,
    };
  }

  private droplet(
    hostName: string,
    size: Size,
    tags: Input<string>[],
    data: Output<string>,
    deleteFirst: boolean,
  ): digitalocean.Droplet {
    return new digitalocean.Droplet(
      `${this.prefix}-${hostName}`,
      {
        // Also the machine's first hostname.
        name: `${this.prefix}-${hostName}`,
        region: this.args.region,
        image: this.args.image,
        size: size.slug,
        vpcUuid: this.vpc.id,
        sshKeys: [this.sshKey.fingerprint],
        tags,
        userData: data,
        monitoring: true,
        backups: false,
      },
      {
        ...this.swept,
        dependsOn: this.firewalls,
        // Explicit, because the plugin would delete a named droplet first, though names need not be unique. A dead one
        // need not cost money until its replacement runs, and unsaved.ts checks a manager before that.
        deleteBeforeReplace: deleteFirst,
      },
    );
  }

  /**
   * A droplet with a firewall has open only what the rules allow. All rules have the same keys: a refresh changes their
   * order, and the plugin would otherwise keep keys of the rule that was in the same place before.
   */
  private createFirewalls(name: string): digitalocean.Firewall[] {
    const opts = { ...this.swept, deleteBeforeReplace: true };
    const outboundRules = ["tcp", "udp"].map((protocol) => ({
      protocol,
      portRange: "1-65535",
      destinationAddresses: ANYWHERE,
    }));
    const inbound = (
      protocol: string,
      port: number,
      sources: { tags?: Input<string>[]; addresses?: string[] },
    ) => ({
      protocol,
      portRange: `${port}`,
      sourceTags: sources.tags ?? [],
      sourceAddresses: sources.addresses ?? [],
    });
    const fromHosts = { tags: [this.allTag.id] };
    const hosts = new digitalocean.Firewall(
      `${name}-hosts-firewall`,
      {
        name: interpolate`${this.tag}-hosts`,
        tags: [this.allTag.id],
        inboundRules: [
          ...SWARM_PORTS.map(({ protocol, port }) => inbound(protocol, port, fromHosts)),
          // Users reach the workers through the manager.
          inbound("tcp", 22, { tags: [this.managerTag.id] }),
        ],
        outboundRules,
      },
      opts,
    );
    const manager = new digitalocean.Firewall(
      `${name}-manager-firewall`,
      {
        name: interpolate`${this.tag}-manager`,
        tags: [this.managerTag.id],
        inboundRules: [
          ...MANAGER_PORTS.map((port) => inbound("tcp", port, fromHosts)),
          ...PUBLIC_PORTS.map((port) =>
            inbound("tcp", port, { addresses: this.args.access.allowFrom }),
          ),
        ],
        outboundRules,
      },
      opts,
    );
    return [hosts, manager];
  }

  private publicAddress(name: string, manager: digitalocean.Droplet): Output<string> {
    if (!this.args.reservedAddress) return manager.ipv4Address;
    const reserved = new digitalocean.ReservedIp(
      `${name}-address`,
      { region: this.args.region },
      { parent: this },
    );
    const assignment = new digitalocean.ReservedIpAssignment(
      `${name}-address`,
      { ipAddress: reserved.ipAddress, dropletId: manager.id.apply(Number) },
      { parent: this },
    );
    return assignment.ipAddress;
  }

  private project(name: string, droplets: digitalocean.Droplet[]): void {
    const project = new digitalocean.Project(
      `${name}-project`,
      { name: this.tag, purpose: "Apache Spark", environment: "Development" },
      // It cannot be deleted while it has droplets in it.
      { ...this.swept, dependsOn: droplets, deleteBeforeReplace: true },
    );
    new digitalocean.ProjectResources(
      `${name}-project`,
      { project: project.id, resources: droplets.map(({ dropletUrn }) => dropletUrn) },
      this.swept,
    );
  }

  /** Only deleting droplets ends their cost, and for that the manager needs a token. */
  private endCommand(): Input<string> | undefined {
    const { endToken } = this.args;
    if (!endToken) return undefined;
    const api = process.env.DIGITALOCEAN_API_URL ?? "https://api.digitalocean.com";
    const url = interpolate`${api}/v2/droplets?tag_name=${this.allTag.id}`;
    return secret(
      interpolate`curl -fsS --retry 10 --retry-all-errors -X DELETE -H 'Authorization: Bearer ${endToken}' '${url}'`,
    );
  }
}

function hostOf(name: string, droplet: digitalocean.Droplet, key: SshKey): Host {
  return {
    name,
    id: droplet.id,
    privateAddress: droplet.ipv4AddressPrivate,
    hostKey: key.publicKey,
    resource: droplet,
  };
}
