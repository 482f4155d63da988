import { z } from "zod";
import { lifetime, workers } from "../../settings/hosts";
import { common } from "../../settings/schema";
import { ALWAYS, needs } from "../../settings/services";
import { numeric } from "../../settings/values";
import type { Size } from "../sizes";

const CPUS = "a number, 0.1 or more: the CPUs of the host; Spark gets whole ones";
const MEMORY =
  "a whole number of MB, 2048 or more: 1 GiB for an executor of Spark's default size, and 1 GiB for the system";
const cpus = numeric(z.number(CPUS).min(0.1, CPUS));
const memory = numeric(z.number(MEMORY).int(MEMORY).min(2048, MEMORY));

/** The default sizes of hosts; memory in MB. */
export const DEFAULT_SIZES = {
  workers: { cpus: 1, memory: 2048 },
  manager: { cpus: 1, memory: 3072 },
};

/** The limits of a host. */
function limits({ cpus: defaultCpus, memory: defaultMemory }: Size) {
  return { cpus: cpus.default(defaultCpus), memory: memory.default(defaultMemory) };
}

export const schema = z
  .strictObject({
    cloud: z.literal("local").default("local"),
    workers: workers(limits(DEFAULT_SIZES.workers), "{count: 2, cpus: 1, memory: 2048}"),
    manager: z
      .strictObject(limits(DEFAULT_SIZES.manager), "an object such as {cpus: 1, memory: 3072}")
      .prefault({}),
    ...common,
    lifetime: lifetime.prefault({}),
  })
  .superRefine(needs(), ALWAYS);

export type LocalSettings = z.infer<typeof schema>;
