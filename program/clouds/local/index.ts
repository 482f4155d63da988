import type { CloudDefinition } from "../cloud";
import { type LocalSettings, schema } from "./settings";
import { sizes } from "./sizes";

/** Containers on this machine's Docker engine. */
export const local = {
  schema,
  examples: {
    "workers.cpus": "1",
    "workers.memory": "2048",
    "manager.cpus": "1",
    "manager.memory": "3072",
  },
  sizes,
  hostType: "docker:index/container:Container",
  open: async (settings) => (await import("./open")).openLocal(settings),
} satisfies CloudDefinition<LocalSettings>;
