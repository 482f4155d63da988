import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi";
import type { z } from "zod";
import type { HostSize, Hosts, Lost } from "../../components/hosts/contract";
import type { Sweep } from "../../components/hosts/sweep";
import type { Image } from "../../components/images/images";
import type { HourlyCost } from "../outputs";
import type { Sizes } from "./sizes";

/**
 * What is known of a cloud without a request to it. The command-line tool reads it too, so it loads neither Pulumi nor
 * an SDK: only {@link open} does.
 */
export interface CloudDefinition<Settings extends object = object> {
  /** Its whole configuration. Messages continue "it must be ". */
  schema: z.ZodType<Settings> & { shape: z.ZodRawShape };
  /** An allowed value for each of its own keys, such as `workers.size`. */
  examples: Record<string, string>;
  /** Keys of other clouds that it has no equivalent for: each with a sentence without its end. */
  lacks?: Record<string, string>;
  sizes: Sizes;
  /** The type of a host's resource. */
  hostType: string;
  /**
   * Asks the cloud for what the settings name, and for the prices.
   *
   * @throws Error when the cloud does not have that; the message names what it has
   */
  open(settings: Settings): Promise<Cloud>;
}

/** A cloud after the requests for what the settings name, and for its prices. */
export interface Cloud {
  hourlyCost: HourlyCost;
  sizes: { manager: HostSize; worker: HostSize };
  /** Finds and deletes a stack's resources on this cloud. */
  sweep: Sweep;
  /**
   * @param args.images those that run in the Swarm, for clouds whose hosts can have them from the start
   * @param args.lost workers to replace, whatever state the cloud reports for them
   */
  createHosts(
    name: string,
    args: { images: Image[]; lost?: Lost },
    opts?: ComponentResourceOptions,
  ): Hosts & ComponentResource;
}
