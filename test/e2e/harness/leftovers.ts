import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { succeed } from "./programs";

const repository = resolve(__dirname, "../../..");

const seconds = 60;

async function lines(...command: string[]): Promise<string[]> {
  const stdout = await succeed(command, { seconds });
  return stdout.split("\n").filter(Boolean);
}

/** A stack's objects on this machine's engine, by label or by name. */
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

/** The command lines of all processes of this machine, including those inside hosts. */
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

/** Reads a file of /proc, whose process may have ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Removes all objects of a test stack from the engine, whatever Pulumi's state, and its configuration. */
export async function removeTestStack(name: string): Promise<void> {
  const objects = await engineObjects(`spark-swarm-${name}`);
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
  rmSync(join(repository, `Pulumi.${name}.yaml`), { force: true });
}

/** The prefix of the name of the folder in which a test process keeps Pulumi's state. */
export function stateFolderPrefix(pid: number): string {
  return `spark-swarm-e2e-${pid}-`;
}

/**
 * Removes what killed test processes left: stacks, and programs that still work on them.
 *
 * @returns the names of the stacks
 */
export async function removeStale(): Promise<string[]> {
  const names = [
    ...readdirSync(repository).map((file) => /^Pulumi\.(.*)\.yaml$/.exec(file)?.[1] ?? ""),
    ...(await labels()).map((label) => label.replace(/^spark-swarm-/, "")),
  ];
  const stale = [...new Set(names)].filter((name) => hasEnded(/^test-.*-(\d+)$/.exec(name)?.[1]));
  const folders = readdirSync(tmpdir()).filter((folder) =>
    hasEnded(/^spark-swarm-e2e-(\d+)-/.exec(folder)?.[1]),
  );
  for (const folder of folders) {
    endProcessesOf(folder);
    rmSync(join(tmpdir(), folder), { recursive: true, force: true });
  }
  for (const name of stale) await removeTestStack(name);
  return stale;
}

/**
 * Ends the processes that have the folder of a test process in their environment: its children and their children. The
 * language host of a killed Pulumi may be left.
 */
export function endProcessesOf(folder: string): void {
  if (!existsSync("/proc/self/environ")) return;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!read(`/proc/${pid}/environ`).includes(folder)) continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended in the meantime.
    }
  }
}

function hasEnded(pid: string | undefined): boolean {
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

/** The labels of the stacks on this engine. */
async function labels(): Promise<string[]> {
  const format = ["--format", '{{.Label "spark-swarm.stack"}}'];
  const ofStacks = [...format, "--filter", "label=spark-swarm.stack"];
  return [
    ...(await lines("docker", "ps", "--all", ...ofStacks)),
    ...(await lines("docker", "volume", "ls", ...ofStacks)),
    ...(await lines("docker", "network", "ls", ...ofStacks)),
  ];
}
