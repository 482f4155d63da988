import { log } from "@pulumi/pulumi";
import { removeLeftovers } from "../leftovers";
import { insistOn, lookAtHosts } from "../lost-hosts";
import type { Settings } from "../settings/schema";
import type { Cloud } from "./cloud";
import { enforceBudget, hourlyCost } from "./cost";

/**
 * The cloud that the settings name, asked for its prices; and the hosts that there are, whether they live: on this
 * machine the engine's own word is enough. No cloud's SDK is loaded but that of the one chosen:
 * that of AWS alone takes seconds.
 *
 * @throws Error when the cloud does not have what the settings name, or it costs more than they allow
 */
export async function openCloud(settings: Settings): Promise<Cloud> {
  if (settings.cloud === "local") {
    const { LOCAL_SWEEP, LocalHosts, sizeOf } = await import("../../components/hosts/local");
    await removeLeftovers(LOCAL_SWEEP);
    return {
      hourlyCost: hourlyCost([]),
      sweep: LOCAL_SWEEP,
      sizes: { manager: sizeOf(settings.manager), worker: sizeOf(settings.workers) },
      createHosts: (name, { images }, opts) =>
        new LocalHosts(name, { ...settings, notebooks: settings.notebook !== false, images }, opts),
    };
  }
  if (settings.access.allowFrom.includes("0.0.0.0/0")) {
    log.warn(
      "access.allowFrom: 0.0.0.0/0 lets everybody in the world try the keys of this cluster.",
    );
  }
  const cloud =
    settings.cloud === "digitalocean"
      ? await (await import("./digitalocean")).openDigitalOcean(settings)
      : await (await import("./aws")).openAws(settings);
  enforceBudget(cloud.hourlyCost, settings.budget?.maxHourly);
  await removeLeftovers(cloud.sweep);
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
