import type { Sizes } from "../sizes";
import { DEFAULT_SIZES } from "./settings";

/** A container of any size: its limits are its size. */
export const sizes: Sizes = {
  keys: ["cpus", "memory"],
  sizeOf: (host, { cpus, memory }) => ({
    cpus: Number(cpus ?? DEFAULT_SIZES[host].cpus),
    memory: Number(memory ?? DEFAULT_SIZES[host].memory),
  }),
  fitting: ({ cpus, memory }) => ({ cpus, memory: Math.max(2048, memory) }),
  parse: (word) => {
    const [, cpus, memory] = /^(\d+)x(\d+)$/.exec(word) ?? [];
    return cpus ? { cpus: Number(cpus), memory: Number(memory) } : undefined;
  },
  form: "CPUSxMB, such as 2x4096",
};
