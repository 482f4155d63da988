import { deepEqual } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Cluster } from "../../../program/outputs";
import { measureCluster } from "../../suite/measurement";
import {
  endProcessesOf,
  engineObjects,
  hostIds,
  removeTestStack,
  stateFolderPrefix,
} from "./leftovers";
import { type Ended, endProgramsForGood, eventually, Program, run, succeed } from "./programs";

export const repository = resolve(__dirname, "../../..");
const ownFolder = join(repository, ".spark-swarm");

/** State, plugins and selected stack of these tests, separate from the developer's. */
export const folder = mkdtempSync(join(tmpdir(), stateFolderPrefix(process.pid)));
export const environment = pulumiEnvironment();

function pulumiEnvironment(): NodeJS.ProcessEnv {
  const home = join(folder, "home");
  const state = join(folder, "state");
  for (const path of [home, state]) mkdirSync(path);
  // Official plugins, if ./scripts/quickstart could download them.
  const plugins = join(ownFolder, "home/plugins");
  if (existsSync(plugins)) symlinkSync(plugins, join(home, "plugins"));
  const { PULUMI_CONFIG_PASSPHRASE_FILE: _, PULUMI_STACK: __, ...inherited } = process.env;
  return withPlugins({
    ...inherited,
    PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString("hex"),
    PULUMI_HOME: home,
  });
}

/** An environment in which Pulumi finds the plugins. */
export function withPlugins(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const script = 'source "$1/scripts/setup/environment.sh"; env -0';
  const found = execFileSync("bash", ["-euc", script, "-", repository], {
    encoding: "utf8",
    env: variables,
  });
  return Object.fromEntries(
    found
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** The output of `spark-swarm status --json`, as far as tests read it. */
export interface Status {
  healthy: boolean;
  problems: string[];
  hosts: { name: string; node: string; answers: boolean }[];
  services: { name: string; running: number; desired: number }[];
  workers: { host: string; address: string; state: string; cores: number; coresUsed: number }[];
  applications: { id: string; name: string; state: string; cores: number }[];
  drivers: { id: string; title: string }[];
  store?: { hosts: number; underReplicated: number; missing: number };
}

/**
 * Properties for applications of tests, which are short. Without its second compiler, which pays off after minutes, Java
 * takes half the CPU time for one, and that is a fifth of the time of all tests.
 */
export const SHORT = {
  "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
  "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
};
const SHORT_JOB = Object.entries(SHORT).flatMap((property) => ["--conf", property.join("=")]);

const stacks = new Set<Stack>();
let interrupted = false;

function refuseWhenInterrupted(): void {
  if (interrupted) throw new Error("these tests were interrupted");
}

/** A Pulumi stack of this project, for tests: named after this process, and deleted with it. */
export class Stack {
  /** The label of the stack's objects on the engine, and the prefix of their names. */
  readonly label: string;
  /** Additional environment variables for its Pulumi and command-line tool. */
  variables: NodeJS.ProcessEnv = {};

  constructor(
    purpose: string,
    readonly name = `test-${purpose}-${process.pid}`,
    /** The folder of its program. Its project is called spark-swarm. */
    private readonly project = repository,
  ) {
    this.label = `spark-swarm-${this.name}`;
  }

  /** Adopts a stack that a program under test has created: it is removed with the tests' own stacks. */
  adopt(): this {
    stacks.add(this);
    return this;
  }

  /** Creates the stack with this configuration, partly encrypted; no `up` yet. */
  async create(
    config: Record<string, string> = {},
    secrets: Record<string, string> = {},
  ): Promise<this> {
    stacks.add(this);
    await this.pulumi(["stack", "init"]);
    const given = [
      ...Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
      ...Object.entries(secrets).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
    ];
    if (given.length > 0) await this.pulumi(["config", "set-all", "--path", ...given]);
    return this;
  }

  configure(path: string, value: string): Promise<string> {
    return this.pulumi(["config", "set", "--path", path, value]);
  }

  /** Starts Pulumi on this stack. Six minutes are for a machine that still has to build the images. */
  startPulumi(args: string[], seconds = 360): Program {
    refuseWhenInterrupted();
    const options = ["--stack", this.name, "--non-interactive", "--color", "never"];
    // `stack init` takes the name as an argument.
    const named =
      args[1] === "init" ? [...args, this.name, ...options.slice(2)] : [...args, ...options];
    return new Program(["pulumi", ...named], {
      env: { ...environment, ...this.variables },
      cwd: this.project,
      seconds,
    });
  }

  /** Runs Pulumi to its end, whether or not it succeeds. */
  tryPulumi(args: string[], seconds?: number): Promise<Ended> {
    const run = () => this.startPulumi(args, seconds).ended;
    const [verb] = args;
    return verb === "up" || verb === "destroy" ? measureCluster(verb, this.name, run) : run();
  }

  /** Runs Pulumi, which must succeed; returns its standard output. */
  async pulumi(args: string[], seconds?: number): Promise<string> {
    const { status, stdout, output } = await this.tryPulumi(args, seconds);
    if (status === 0) return stdout;
    // Lines that hold a whole script are cut.
    const shortened = output.replace(/^(.{300}).*$/gm, "$1 …");
    throw new Error(
      `pulumi ${args.join(" ")} on ${this.name} ended with status ${status}:\n${shortened}\n${await this.hostLogs()}`,
    );
  }

  /** The ids of its hosts' containers. */
  protected hostContainers(): Promise<string[]> {
    return hostIds(this.label);
  }

  /** The end of each running host's logs. */
  protected async hostLogs(): Promise<string> {
    const ids = await this.hostContainers();
    const logs = ids.map(async (id) => {
      const show = ["sh", "-c", "hostname; cd /var/log; tail -n 6 user-data.log docker.log"];
      return (await run(["docker", "exec", id, ...show], { seconds: 10 })).output;
    });
    return (await Promise.all(logs)).join("\n");
  }

  up(...args: string[]): Promise<string> {
    return this.pulumi(["up", "--yes", "--skip-preview", ...args]);
  }

  refresh(...args: string[]): Promise<string> {
    return this.pulumi(["refresh", "--yes", "--skip-preview", ...args]);
  }

  async cluster(): Promise<Cluster> {
    return JSON.parse(await this.pulumi(["stack", "output", "cluster", "--json"])) as Cluster;
  }

  /** Starts the command-line tool on this stack: a command, options, and what it passes on after `--`. */
  start(
    args: string[],
    options: { seconds: number; input?: string; env?: NodeJS.ProcessEnv },
  ): Program {
    refuseWhenInterrupted();
    const [verb = "", ...rest] = args;
    const program = [process.execPath, join(repository, "cli/spark-swarm.js")];
    const own = ["--stack", this.name, ...(verb === "submit" || verb === "shell" ? SHORT_JOB : [])];
    return new Program([...program, verb, ...own, ...rest], {
      env: { ...environment, ...this.variables },
      // As a user does in another folder.
      cwd: folder,
      ...options,
    });
  }

  /** Runs the command-line tool on this stack to its end. */
  sparkSwarm(
    args: string[],
    { seconds = 120, input }: { seconds?: number; input?: string } = {},
  ): Promise<Ended> {
    return this.start(args, { seconds, input }).ended;
  }

  async status(): Promise<Status & { exitStatus: number }> {
    const { status, stdout, output } = await this.sparkSwarm(["status", "--json"], { seconds: 60 });
    if (!stdout.startsWith("{")) throw new Error(output);
    return { ...(JSON.parse(stdout) as Status), exitStatus: status };
  }

  /** The cluster's status once it is healthy; fails with its problems after a minute. */
  isWell(): Promise<Status> {
    return eventually(60, async () => {
      const { exitStatus, ...status } = await this.status();
      deepEqual([status.problems, exitStatus], [[], 0]);
      return status;
    });
  }

  /** The name of a host's container. */
  container(host: string): string {
    return `${this.label}-${host}`;
  }

  /** Runs a shell script on a host without SSH, which may be what is broken. */
  onHost(host: string, script: string): Promise<string> {
    const command = ["docker", "exec", this.container(host), "bash", "-euc", script];
    return succeed(command, { seconds: 60 });
  }

  /** A line `HOSTNAME STATE AVAILABILITY` for each node of the Swarm. */
  async nodes(): Promise<string[]> {
    const format = "{{.Hostname}} {{.Status}} {{.Availability}}";
    const lines = await this.onHost("manager", `docker node ls --format '${format}'`);
    return lines.split("\n").filter(Boolean).sort();
  }

  /** Destroys the stack with Pulumi, including all that its jobs have kept, and forgets it. */
  async destroy(seconds?: number): Promise<void> {
    this.variables.SPARK_SWARM_DISCARD_STORE = "1";
    await this.pulumi(["destroy", "--yes", "--skip-preview"], seconds);
    await this.pulumi(["stack", "rm", "--yes"]);
    this.forget();
  }

  /** Removes all that is left of the stack: the last resort after a failure of Pulumi. */
  async remove(): Promise<void> {
    await removeTestStack(this.name);
    this.forget();
  }

  /** Removes what its command-line tool has recorded. */
  private forget(): void {
    rmSync(join(ownFolder, "tunnels", this.name), { recursive: true, force: true });
    stacks.delete(this);
  }

  /** The stack's objects on this machine's engine. */
  objects(): Promise<string[]> {
    return engineObjects(this.label);
  }
}

let removal: Promise<void> | undefined;

/** Ends and removes everything that these tests made, only once: a signal may come during the last hook. */
function removeAll(): Promise<void> {
  removal ??= endAndRemove();
  return removal;
}

async function endAndRemove(): Promise<void> {
  await endProgramsForGood();
  const removals = await Promise.allSettled([...stacks].map(removeStack));
  endProcessesOf(folder);
  rmSync(folder, { recursive: true, force: true });
  const failures = removals.filter((removal) => removal.status === "rejected");
  if (failures.length > 0) throw new AggregateError(failures.map(({ reason }) => reason));
}

async function removeStack(stack: Stack): Promise<void> {
  // A tunnel in the background is not a child of this process.
  await run([process.execPath, "cli/spark-swarm.js", "tunnel", "--stop", "--stack", stack.name], {
    env: environment,
    cwd: repository,
    seconds: 10,
  }).catch(() => {});
  await stack.remove();
}

// Also when interrupted, and then before mocha ends: what mocha starts meanwhile is refused.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.prependOnceListener(signal, () => {
    interrupted = true;
    console.error(`\n${signal}: removing the clusters of these tests`);
    removeAll()
      .catch((error) => console.error("They could not be removed:", error))
      .finally(() => process.exit(130));
  });
}
after("remove what these tests made", function () {
  this.timeout("25m");
  return removeAll();
});
