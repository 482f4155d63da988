import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi";
import type { HostSize, Hosts, Lost } from "../../components/hosts/contract";
import type { Sweep } from "../../components/hosts/sweep";
import type { Image } from "../../components/images/images";
import type { HourlyCost } from "../outputs";

/** A cloud that has been asked for what the settings name, and for its prices. */
export interface Cloud {
  hourlyCost: HourlyCost;
  sizes: { manager: HostSize; worker: HostSize };
  /** Finds and deletes what this cloud has of a stack. */
  sweep: Sweep;
  /**
   * @param args.images those that run in the Swarm, where hosts can have them from the beginning
   * @param args.lost workers that become other machines, whatever the cloud calls the present ones
   */
  createHosts(
    name: string,
    args: { images: Image[]; lost?: Lost },
    opts?: ComponentResourceOptions,
  ): Hosts & ComponentResource;
}
