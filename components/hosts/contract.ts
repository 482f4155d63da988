import type { remote } from "@pulumi/command";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { FOLDERS } from "../facts";
import type { SshKey } from "../ssh-key";

/** Where a manager records the hosts that the last deployment waited for: a line "NAME ID" for each. */
export const AWAITED_HOSTS = `${FOLDERS.state}/hosts`;

/** Workers that are no longer members of the Swarm, or never became members: from name to machine id. */
export type Lost = ReadonlyMap<string, string>;

/** A machine, whatever the cloud. */
export interface Host {
  /** `manager` or `worker-N`: its name in the Swarm and on the command line. */
  name: string;
  /** The cloud's id of this machine. A replacement changes it. */
  id: Output<string>;
  /** Its address as the other hosts see it. */
  privateAddress: Output<string>;
  /** The public half of its SSH host key. It is made in advance, so that every connection can pin it. */
  hostKey: Output<string>;
  /** The resource of the machine itself: what runs on it needs no clean-up when the machine is deleted. */
  resource: Resource;
}

/** The only host reachable from outside; the workers are reached through it. */
export interface Manager extends Host {
  /** Where its SSH server answers from here. */
  ssh: { address: Input<string>; port: Output<number> };
  /** Where the bastion's published port answers from here. */
  bastion: { address: Input<string>; port: Output<number> };
  /** For remote commands, which must depend on {@link boot}. It pins the host key. */
  connection: remote.CommandArgs["connection"];
  /** Created when the machine has booted and its SSH server answers. */
  boot: Resource;
}

/** What a host offers Spark. */
export interface HostSize {
  /** A whole number. */
  cpus: number;
  /** MB */
  memory: number;
}

/** What every cloud provides. */
export interface Hosts {
  manager: Manager;
  workers: Host[];
  /** Opens the hosts and the bastion. */
  clientKey: SshKey;
  /**
   * A command for the manager that ends all machines, and with them their cost, once the workers are shut down.
   * Undefined where the cluster cannot end its own cost.
   */
  end?: Input<string>;
  /**
   * Whether the hosts are created with the Swarm's images in them, so that nothing is built on the manager.
   *
   * @default false
   */
  haveImages?: boolean;
}

/** The port on which the manager publishes the bastion. */
export const BASTION_PORT = 2222;
/** The manager's ports that are open to the outside. */
export const PUBLIC_PORTS = [22, BASTION_PORT];
/** What hosts need of each other: SSH for joining, Swarm's management, the registry. */
export const MANAGER_PORTS = [22, 2377, 5000];
/** Swarm's gossip, and the overlay network (VXLAN). docs.docker.com/engine/swarm/networking */
export const SWARM_PORTS = [
  { protocol: "tcp", port: 7946 },
  { protocol: "udp", port: 7946 },
  { protocol: "udp", port: 4789 },
] as const;
