import { LOCAL_SWEEP, LocalHosts, sizeOf } from "../../../components/hosts/local";
import type { Cloud } from "../cloud";
import { hourlyCost } from "../cost";
import type { LocalSettings } from "./settings";

/** This machine. It needs no requests and has no price. */
export function openLocal(settings: LocalSettings): Cloud {
  return {
    hourlyCost: hourlyCost([]),
    sweep: LOCAL_SWEEP,
    sizes: { manager: sizeOf(settings.manager), worker: sizeOf(settings.workers) },
    createHosts: (name, { images }, opts) =>
      new LocalHosts(name, { ...settings, notebooks: settings.notebook !== false, images }, opts),
  };
}
