import type { remote } from "@pulumi/command";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { FOLDERS } from "../facts";
import type { SshKey } from "../ssh-key";

/** Where a manager keeps the hosts that its Swarm was last waited for: a line "NAME ID" for each. */
export const AWAITED_HOSTS = `${FOLDERS.state}/hosts`;

/** Workers that are no members of the Swarm any more, or never became any: name to the id of the machine. */
export type Lost = ReadonlyMap<string, string>;

/** A machine, whatever the cloud. */
export interface Host {
  /** `manager` or `worker-N`: its name in the Swarm and on the command line. */
  name: string;
  /** The cloud's own id of this machine; another one after a replacement. */
  id: Output<string>;
  /** Its address as the other hosts see it. */
  privateAddress: Output<string>;
  /** The public half of its SSH host key, made beforehand, so that every connection can pin it. */
  hostKey: Output<string>;
  /** The resource that is the machine: what runs on it needs no clean-up when it goes. */
  resource: Resource;
}

/** The one host that is reached from outside; the workers are reached through it. */
export interface Manager extends Host {
  /** Where its SSH server answers from here. */
  ssh: { address: Input<string>; port: Output<number> };
  /** Where the bastion's published port answers from here. */
  bastion: { address: Input<string>; port: Output<number> };
  /** For remote commands, which are to depend on {@link boot}: insists on its host key. */
  connection: remote.CommandArgs["connection"];
  /** Created when the machine has booted and its SSH server answers. */
  boot: Resource;
}

/** What a host has for Spark. */
export interface HostSize {
  /** Whole ones. */
  cpus: number;
  /** MB */
  memory: number;
}

/** What every cloud gives. */
export interface Hosts {
  manager: Manager;
  workers: Host[];
  /** Opens the hosts and the bastion. */
  clientKey: SshKey;
  /**
   * A command for the manager that ends all machines, and with them their cost, once the workers are shut
   * down. Undefined where the cluster cannot end what it costs.
   */
  end?: Input<string>;
  /**
   * Whether the hosts are made with the images of the Swarm in them, so that nothing is built on the manager.
   *
   * @default false
   */
  haveImages?: boolean;
}

/** The port on which the manager publishes the bastion. */
export const BASTION_PORT = 2222;
/** The ports of the manager that people reach from outside. */
export const PUBLIC_PORTS = [22, BASTION_PORT];
/** What hosts need of each other: SSH for joining, Swarm's management, the registry. */
export const MANAGER_PORTS = [22, 2377, 5000];
/** Swarm's gossip, and the overlay network (VXLAN). docs.docker.com/engine/swarm/networking */
export const SWARM_PORTS = [
  { protocol: "tcp", port: 7946 },
  { protocol: "udp", port: 7946 },
  { protocol: "udp", port: 4789 },
] as const;
