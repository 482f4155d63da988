import type { CloudDefinition } from "../cloud";
import { type DigitalOceanSettings, schema } from "./settings";
import { sizes } from "./sizes";

/** Droplets. */
export const digitalocean = {
  schema,
  examples: {
    region: "nyc3",
    image: "docker-20-04",
    "workers.size": "s-2vcpu-4gb",
    "manager.size": "s-2vcpu-4gb",
    "digitalocean.reservedAddress": "true",
  },
  lacks: { "workers.spot": "DigitalOcean has no spot machines" },
  sizes,
  hostType: "digitalocean:index/droplet:Droplet",
  open: async (settings) => (await import("./open")).openDigitalOcean(settings),
} satisfies CloudDefinition<DigitalOceanSettings>;
