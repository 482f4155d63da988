import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { ignoring } from "./engine";

const LABEL = "spark-swarm.emulated-cloud";

/** The label of all that an emulated cloud makes: its process, by number and start, so that none is mistaken. */
export function ownLabels(): Record<string, string> {
  return { [LABEL]: owner(process.pid) };
}

/** Removes all that this process made. */
export function removeOwn(engine: Docker): Promise<void> {
  return remove(engine, (label) => label === owner(process.pid));
}

/** Removes what emulated clouds left that were killed. */
export function removeLeftovers(engine: Docker): Promise<void> {
  return remove(engine, (label) => label !== owner(Number(label.split(" ")[0])));
}

/** A process number is given out again; with the time of its start it is unique. */
function owner(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may hold blanks; the start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${pid} ${fields[19]}`;
  } catch {
    return `${pid} ended`;
  }
}

async function remove(engine: Docker, isMeant: (label: string) => boolean): Promise<void> {
  const filters = { label: [LABEL] };
  const meant = ({ Labels }: { Labels?: Record<string, string> }) => isMeant(Labels?.[LABEL] ?? "");
  // 404, 409: another one, which was started at the same time, removes it too.
  const quietly = (work: () => Promise<unknown>) => ignoring([404, 409], work);

  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(
    containers
      .filter(meant)
      .map(({ Id }) => quietly(() => engine.getContainer(Id).remove({ force: true, v: true }))),
  );
  const networks = await engine.listNetworks({ filters });
  const { Volumes: volumes } = await engine.listVolumes({ filters });
  await Promise.all([
    ...networks.filter(meant).map(({ Id }) => quietly(() => engine.getNetwork(Id).remove())),
    ...(volumes ?? [])
      .filter(meant)
      .map(({ Name }) => quietly(() => engine.getVolume(Name).remove())),
  ]);
}
