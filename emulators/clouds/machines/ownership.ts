import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { ignoring } from "./engine";

const LABEL = "spark-swarm.emulated-cloud";

/**
 * The label of everything that an emulated cloud creates: its process, by number and start time, so that it is unique.
 */
export function ownLabels(): Record<string, string> {
  return { [LABEL]: owner(process.pid) };
}

/** Removes everything that this process created. */
export function removeOwn(engine: Docker): Promise<void> {
  return remove(engine, (label) => label === owner(process.pid));
}

/** Removes what killed emulated clouds left. */
export function removeLeftovers(engine: Docker): Promise<void> {
  return remove(engine, (label) => label !== owner(Number(label.split(" ")[0])));
}

/** Process numbers are reused; with the start time one is unique. */
function owner(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may contain blanks; the start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${pid} ${fields[19]}`;
  } catch {
    return `${pid} ended`;
  }
}

async function remove(engine: Docker, isMeant: (label: string) => boolean): Promise<void> {
  const filters = { label: [LABEL] };
  const meant = ({ Labels }: { Labels?: Record<string, string> }) => isMeant(Labels?.[LABEL] ?? "");
  const containers = await engine.listContainers({ all: true, filters });
  await all(containers.filter(meant), ({ Id }) =>
    engine.getContainer(Id).remove({ force: true, v: true }),
  );
  const networks = await engine.listNetworks({ filters });
  await all(networks.filter(meant), ({ Id }) => removeNetwork(engine.getNetwork(Id)));
  const { Volumes: volumes } = await engine.listVolumes({ filters });
  await all((volumes ?? []).filter(meant), ({ Name }) => engine.getVolume(Name).remove());
}

/** A test's own container may still be attached. */
async function removeNetwork(network: Docker.Network): Promise<void> {
  const { Containers: members }: Docker.NetworkInspectInfo = await network.inspect();
  await all(Object.keys(members ?? {}), (Container) =>
    network.disconnect({ Container, Force: true }),
  );
  await network.remove();
}

/** Processes all items, even if some fail; one that no longer exists is no failure. */
async function all<Item>(items: Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  // 409: another process is removing it.
  const done = await Promise.allSettled(
    items.map((item) => ignoring([404, 409], () => work(item))),
  );
  const failed = done.find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
