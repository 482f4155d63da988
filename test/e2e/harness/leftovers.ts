import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { succeed } from "./programs";

const seconds = 60;

async function lines(...command: string[]): Promise<string[]> {
  const stdout = await succeed(command, { seconds });
  return stdout.split("\n").filter(Boolean);
}

/** What this machine's engine holds of one stack, by its label or by its name. */
export async function engineObjects(label: string): Promise<string[]> {
  const byLabel = ["--filter", `label=spark-swarm.stack=${label}`];
  const byName = ["--filter", `name=${label}-`];
  const kinds = [
    ["container", "ps", "--all", "--format", "{{.Names}}"],
    ["volume", "volume", "ls", "--format", "{{.Name}}"],
    ["network", "network", "ls", "--format", "{{.Name}}"],
  ];
  const found = new Set<string>();
  for (const [kind, ...command] of kinds) {
    for (const filter of [byLabel, byName]) {
      for (const name of await lines("docker", ...command, ...filter)) found.add(`${kind} ${name}`);
    }
  }
  return [...found].sort();
}

/** The ids of a stack's host containers. */
export function hostIds(label: string): Promise<string[]> {
  return lines(
    ...["docker", "ps", "--all", "--quiet", "--no-trunc"],
    ...["--filter", `label=spark-swarm.stack=${label}`],
  );
}

/**
 * Processes and control groups of host containers, and processes that have a name in their command line or
 * working directory.
 */
export function processesOf(name: string, hosts: string[]): string[] {
  if (!existsSync("/proc/self/cgroup")) return [];
  const found = commandLines().flatMap(({ pid, commandLine }) => {
    const groups = read(`/proc/${pid}/cgroup`);
    const inHost = hosts.some((id) => groups.includes(id));
    const named = commandLine.includes(name) || workingDirectory(pid).includes(name);
    return inHost || named ? [`process ${pid} ${commandLine}`] : [];
  });
  const memory = [
    "/sys/fs/cgroup/memory/docker",
    "/sys/fs/cgroup/docker",
    "/sys/fs/cgroup/system.slice",
  ];
  for (const folder of memory.filter(existsSync)) {
    for (const group of readdirSync(folder)) {
      if (hosts.some((id) => group.includes(id))) found.push(`control group ${folder}/${group}`);
    }
  }
  return found;
}

/** The command lines of all processes of this machine: those inside hosts are among them. */
export function commandLines(): { pid: number; commandLine: string }[] {
  if (!existsSync("/proc/self/cmdline")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({
      pid: Number(pid),
      commandLine: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
    }));
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** A file of /proc, whose process may have ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Removes all that the engine holds of a stack, whatever Pulumi knows of it. */
export async function sweep(label: string): Promise<void> {
  const objects = await engineObjects(label);
  const commands = {
    container: ["rm", "--force", "--volumes"],
    network: ["network", "rm"],
    volume: ["volume", "rm", "--force"],
  };
  for (const [kind, command] of Object.entries(commands)) {
    const names = objects.flatMap((object) =>
      object.startsWith(`${kind} `) ? [object.slice(kind.length + 1)] : [],
    );
    if (names.length > 0) await succeed(["docker", ...command, ...names], { seconds });
  }
}

/** The labels of test stacks that are on this engine. */
export async function labelsOfTestStacks(): Promise<string[]> {
  const format = [
    "--format",
    '{{.Label "spark-swarm.stack"}}',
    "--filter",
    "label=spark-swarm.stack",
  ];
  const labels = [
    ...(await lines("docker", "ps", "--all", ...format)),
    ...(await lines("docker", "volume", "ls", ...format)),
    ...(await lines("docker", "network", "ls", ...format)),
  ];
  return [...new Set(labels)].filter((label) => label.startsWith("spark-swarm-test-"));
}
