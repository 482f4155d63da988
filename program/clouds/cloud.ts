import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi";
import type { z } from "zod";
import type { HostSize, Hosts, Lost } from "../../components/hosts/contract";
import type { Sweep } from "../../components/hosts/sweep";
import type { Image } from "../../components/images/images";
import type { HourlyCost } from "../outputs";
import type { Sizes } from "./sizes";

/**
 * What is known of a cloud before it is asked. The command-line tool reads it too, so it loads neither Pulumi nor an SDK:
 * only {@link open} does.
 */
export interface CloudDefinition<Settings extends object = object> {
  /** Its whole configuration. Messages continue "it must be ". */
  schema: z.ZodType<Settings> & { shape: z.ZodRawShape };
  /** A value that is allowed for each key of its own, such as `workers.size`. */
  examples: Record<string, string>;
  /** Keys of other clouds for which it has nothing of the kind: a sentence without its end. */
  lacks?: Record<string, string>;
  sizes: Sizes;
  /** The type of the resource that is a host. */
  hostType: string;
  /**
   * Asks the cloud for what the settings name, and for its prices.
   *
   * @throws Error when it does not have that, naming what it has
   */
  open(settings: Settings): Promise<Cloud>;
}

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
