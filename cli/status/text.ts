import { table } from "../terminal/table";
import { bytes, counted, duration, localTime, mebibytes, processes } from "../terminal/units";
import { leastRoom, type Report } from "./report";

/** A report as text. */
export function statusText(report: Report, now = new Date()): string {
  const { stack, cloud, hosts, services, workers, applications, drivers, problems } = report;
  const used = (part: number, whole: number) => `${part} of ${counted(whole, "core")}`;
  const sections: [title: string, rows: string[][]][] = [
    [
      "Hosts",
      hosts.map(({ name, address, node, answers, disks }) => {
        const disk = leastRoom(disks);
        const room = disk ? `${bytes(disk.free)} of ${bytes(disk.size)} disk left` : "";
        return [
          name,
          address,
          `node ${node}`,
          answers ? room : node === "unknown" ? "" : "does not answer",
        ];
      }),
    ],
    [
      "Services",
      services.map(({ name, running, desired, error }) => [
        name,
        `${running}/${desired} running`,
        error ?? "",
      ]),
    ],
    [
      "Spark workers",
      workers.map(({ host, state, cores, coresUsed, memory, memoryUsed, oomKills }) => [
        host,
        state,
        `${used(coresUsed, cores)} in use`,
        `${mebibytes(memoryUsed)} of ${mebibytes(memory)} in use`,
        oomKills > 0 ? `memory ran out: ${processes(oomKills)} killed since it started` : "",
      ]),
    ],
    ["Store", storeRows(report.store)],
    ["Allocation", [allocationRow(report.allocation)]],
    [
      "Applications",
      applications.map(({ id, name, state, cores, milliseconds, hint }) => [
        name,
        id,
        state,
        counted(cores, "core"),
        `for ${duration(milliseconds)}`,
        hint ?? "",
      ]),
    ],
    [
      "Drivers",
      drivers.map(({ id, title, started }) => [title, id, `since ${started.slice(0, 19)}Z`]),
    ],
    ["Lifetime", lifetimeRows(report.lifetime, now)],
    ["Pulumi plugins", report.standIns.map((name) => [name, "a stand-in for the official one"])],
  ];
  const blocks = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${title}\n${table(rows)}`);
  const verdict =
    problems.length === 0
      ? "All is well."
      : `${counted(problems.length, "problem")}\n${problems.map((problem) => `  ${problem}`).join("\n")}`;
  return [`Stack ${stack} (${cloud})`, ...blocks, verdict].join("\n\n");
}

function storeRows(store: Report["store"]): string[][] {
  if (!store) return [];
  const { used, free, hosts, underReplicated, missing } = store;
  const lacking = [
    underReplicated > 0 && `${counted(underReplicated, "block")} with too few copies`,
    missing > 0 && `${counted(missing, "block")} missing`,
  ].filter((text) => text !== false);
  return [
    [
      `${bytes(used)} used`,
      `${bytes(free)} left`,
      `on ${counted(hosts, "host")}`,
      lacking.join(", "),
    ],
  ];
}

function allocationRow({ mode, executor }: Report["allocation"]): string[] {
  if (!executor)
    return [mode, "executors of 1 GB unless a program asks for more, on all cores that are free"];
  const { cpus, memory } = executor;
  return [mode, `1 executor per worker of ${counted(cpus, "core")}, ${mebibytes(memory)}`];
}

function lifetimeRows(lifetime: Report["lifetime"], now: Date): string[][] {
  if (!lifetime) return [];
  const { ends, idleLimit, idleFor, ending, archive, loses } = lifetime;
  if (ending) return [["it is ending itself"]];
  const seconds = (span: number) => duration(span * 1000);
  const rows: string[][] = [];
  if (ends !== null) {
    const left = Date.parse(ends) - now.getTime();
    const over = left > 0 ? `, in ${duration(left)}` : ": over";
    rows.push([`until ${localTime(new Date(ends))}${over}`]);
  }
  if (idleLimit !== null) {
    rows.push([`until idle for ${seconds(idleLimit)}: now idle for ${seconds(idleFor)}`]);
  }
  if (archive) rows.push([`/data/keep is copied to ${archive} first`]);
  for (const { place, files, size } of loses) {
    rows.push([
      `${place} is deleted with it: ${counted(files, "file")}, ${bytes(size)}, without another copy`,
    ]);
  }
  return rows;
}
