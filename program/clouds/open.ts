import { log } from "@pulumi/pulumi";
import { removeLeftovers } from "../leftovers";
import { insistOn, lookAtHosts } from "../lost-hosts";
import { definitionOf, type Settings } from ".";
import type { Cloud } from "./cloud";
import { enforceBudget } from "./cost";

/**
 * Opens the cloud that the settings name, with its prices, and checks that existing hosts are alive; on this machine
 * the engine's own state is enough. Loads only that cloud's SDK: AWS's alone takes seconds.
 *
 * @throws Error when the cloud does not have what the settings name, or it costs more than they allow
 */
export async function openCloud(settings: Settings): Promise<Cloud> {
  if ("access" in settings && settings.access.allowFrom.includes("0.0.0.0/0")) {
    log.warn(
      "access.allowFrom: 0.0.0.0/0 lets everyone on the Internet try to log in to this cluster.",
    );
  }
  const cloud = await definitionOf(settings.cloud).open(settings);
  if ("budget" in settings) enforceBudget(cloud.hourlyCost, settings.budget?.maxHourly);
  await removeLeftovers(cloud.sweep);
  if (settings.cloud === "local") return cloud;
  const { lost, silent } = await lookAtHosts();
  return {
    ...cloud,
    createHosts: (name, args, opts) => {
      const hosts = cloud.createHosts(name, { ...args, lost }, opts);
      if (silent) insistOn(hosts);
      return hosts;
    },
  };
}
