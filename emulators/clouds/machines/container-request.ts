import type { ContainerCreateOptions } from "dockerode";
import type { MachineSpec } from "../contract";
import { ownLabels } from "./ownership";

/** Adds what dockerode's types lack. */
type HostConfig = ContainerCreateOptions["HostConfig"] & {
  CgroupnsMode: "host";
  ReadonlyPaths: string[];
};

/**
 * The engine's request for a container that behaves as a machine, see components/hosts/local.ts.
 *
 * @param parts.cores its cores, in the form of a list; undefined for all
 */
export function machineRequest(
  spec: MachineSpec,
  parts: {
    name: string;
    image: string;
    seed: string;
    disk: string;
    network: string;
    address: string;
    cores: string | undefined;
  },
): ContainerCreateOptions {
  const memory = spec.memoryMb * 1024 * 1024;
  const hostConfig: HostConfig = {
    Memory: memory,
    // The same value again means no swap.
    MemorySwap: memory,
    // Not a share of CPU time: the machine must see only its own cores.
    CpusetCpus: parts.cores,
    CapAdd: ["ALL"],
    CapDrop: ["SYS_RESOURCE"],
    SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
    // The command line's systempaths=unconfined.
    MaskedPaths: [],
    ReadonlyPaths: [],
    CgroupnsMode: "host",
    Binds: [
      `${parts.disk}:/var/lib/docker`,
      `${parts.seed}:/seed:ro`,
      "/sys/fs/cgroup:/sys/fs/cgroup",
    ],
    Tmpfs: { "/run": "" },
    NetworkMode: parts.network,
  };
  return {
    name: parts.name,
    Hostname: spec.hostname,
    Image: parts.image,
    Labels: ownLabels(),
    HostConfig: hostConfig,
    NetworkingConfig: {
      EndpointsConfig: { [parts.network]: { IPAMConfig: { IPv4Address: parts.address } } },
    },
  };
}

/** Lists of cores for machines with fewer than this one, in rotation so that all are used. */
export class Cores {
  private next = 0;

  constructor(private readonly count: number) {}

  take(wanted: number): string | undefined {
    if (wanted >= this.count) return undefined;
    const taken = Array.from({ length: wanted }, (_, index) => (this.next + index) % this.count);
    this.next = (this.next + wanted) % this.count;
    return taken.join(",");
  }
}
