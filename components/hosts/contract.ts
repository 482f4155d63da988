import type { remote } from "@pulumi/command";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { SshKey } from "../ssh-key";

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
  /** For remote commands: waits for a host that is still booting, then insists on its host key. */
  connection: remote.CommandArgs["connection"];
}

/** What every cloud gives. */
export interface Hosts {
  manager: Manager;
  workers: Host[];
  /** Opens the hosts and the bastion. */
  clientKey: SshKey;
}

/** The port on which the manager publishes the bastion. */
export const BASTION_PORT = 2222;
