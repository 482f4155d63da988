import type { z } from "zod";
import { aws } from "./aws";
import type { CloudDefinition } from "./cloud";
import { digitalocean } from "./digitalocean";
import { local } from "./local";

/** Every cloud, by its name in the setting `cloud`. */
export const clouds = { local, digitalocean, aws };

export type CloudName = keyof typeof clouds;
export const CLOUD_NAMES = Object.keys(clouds) as CloudName[];

/** The whole configuration of a stack, with defaults filled in. Keys are described in Pulumi.yaml. */
export type Settings = z.infer<(typeof clouds)[CloudName]["schema"]>;

export function definitionOf(cloud: CloudName): CloudDefinition {
  return clouds[cloud];
}
