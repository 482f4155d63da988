import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  output,
  type Resource,
  runtime,
} from "@pulumi/pulumi";
import { FOLDERS } from "../facts";
import type { Image } from "../images/images";
import { LocalImages } from "../images/local";
import { RUN } from "../script";
import type { SshKey } from "../ssh-key";
import type { BootstrapAction } from "./bootstrap";
import { BASTION_PORT, type Host, type HostSize, type Hosts, type Manager } from "./contract";
import { hostKeys } from "./keys";
import { asReadBack } from "./local-cpus";
import { managerOf } from "./manager";
import { type Sweep, sweeper } from "./sweep";
import { stackTag } from "./tag";
import { userData } from "./user-data";

/** What a host may use of this machine. */
export interface Limits {
  /** CPUs, such as 0.5. Spark gets whole ones. */
  cpus: number;
  /** Memory, in MB. */
  memory: number;
}

export interface LocalHostsArgs {
  /** What the manager may use. */
  manager: Limits;
  /** What each worker may use. */
  workers: Limits & {
    /** How many workers there are. */
    count: number;
  };
  /** Images that run in the Swarm. Hosts have them from the start. */
  images: Image[];
  /**
   * Actions that run on hosts before they join the Swarm.
   *
   * @default none
   */
  bootstrap?: BootstrapAction[];
  /**
   * Whether the manager mounts notebooks/ of the working directory, which is created if missing.
   *
   * @default false
   */
  notebooks?: boolean;
}

const LOOPBACK = "127.0.0.1";

/** Finds a stack's resources on this machine's engine by their label, and deletes them. */
export const LOCAL_SWEEP: Sweep = { command: RUN, script: join(__dirname, "local-sweep.sh") };

/**
 * Hosts that are containers on this machine's Docker engine and behave like machines: each has its own sshd, Docker
 * engine and disk volume, and runs the same user data as a cloud machine. Only the manager's SSH and bastion ports are
 * published, on loopback.
 *
 * @example
 * ```ts
 * import { imageOf } from "spark-swarm";
 * import { LocalHosts } from "spark-swarm/local";
 *
 * const hosts = new LocalHosts("lab", {
 *   manager: { cpus: 1, memory: 2048 },
 *   workers: { count: 2, cpus: 0.5, memory: 1024 },
 *   images: [imageOf("web")],
 * });
 * export const manager = hosts.manager.privateAddress;
 * ```
 */
export class LocalHosts extends ComponentResource implements Hosts {
  readonly manager: Manager;
  readonly workers: Host[];
  readonly clientKey: SshKey;
  /** Stopping a host's first process stops the host. */
  readonly end = "kill -TERM 1";
  /** From the seed. */
  readonly haveImages = true;

  private readonly prefix: string;
  private readonly images: LocalImages;
  private readonly network: docker.Network;
  private readonly labels: { label: string; value: Input<string> }[];
  /** On destroy deletes last, and so deletes what is left on this machine's engine. */
  private readonly sweeper: Resource;

  constructor(name: string, args: LocalHostsArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:hosts:LocalHosts", name, {}, opts);
    // One engine may hold several stacks, so every name on it begins with project and stack.
    this.prefix = name;
    this.images = new LocalImages(`${name}-images`, { images: args.images }, { parent: this });
    const tag = stackTag(name, this);
    this.sweeper = sweeper(`${name}-sweep`, LOCAL_SWEEP, tag, this);
    this.labels = [
      { label: "spark-swarm.id", value: tag },
      { label: "spark-swarm.stack", value: name },
    ];
    const keys = hostKeys(name, args.workers.count, this);
    this.clientKey = keys.client;
    // No ipamConfigs: with them the plugin replaces the network after each refresh.
    this.network = new docker.Network(
      `${name}-hosts`,
      { name: `${name}-hosts`, driver: "bridge", labels: this.labels },
      {
        parent: this,
        dependsOn: this.sweeper,
        deletedWith: this.sweeper,
        // Docker refuses a second network of the same name.
        deleteBeforeReplace: true,
      },
    );

    const manager = this.createHost(
      "manager",
      args.manager,
      keys.manager,
      userData("manager", {
        ...this.commonVariables("manager", args.manager, keys.manager),
        JOIN_PUBLIC_KEY: keys.join.publicKey,
      }),
      [22, BASTION_PORT],
      args.notebooks ? [notebooks()] : [],
    );
    const publishedPort = (internal: number): Output<number> =>
      manager.container.ports.apply((ports) => {
        const port = ports?.find((candidate) => candidate.internal === internal)?.external;
        if (port === undefined)
          throw new Error(`port ${internal} of ${this.prefix}-manager is not published`);
        return port;
      });
    const reachable = {
      address: LOOPBACK,
      ssh: publishedPort(22),
      bastion: publishedPort(BASTION_PORT),
    };
    const actions = args.bootstrap ?? [];
    this.manager = managerOf(name, manager.host, reachable, { keys, actions }, this);

    this.workers = keys.workers.map(({ name: hostName, key }) => {
      const variables = {
        ...this.commonVariables(hostName, args.workers, key),
        JOIN_KEY: keys.join.privateKey,
        // The engine resolves names of containers, so workers need not wait for an address.
        MANAGER: `${name}-manager`,
        MANAGER_HOST_KEY: keys.manager.publicKey,
      };
      return this.createHost(hostName, args.workers, key, userData("worker", variables), []).host;
    });
    this.registerOutputs({});
  }

  private commonVariables(hostName: string, limits: Limits, key: SshKey) {
    const { cpus, memory } = sizeOf(limits);
    return {
      NAME: hostName,
      HOST_KEY: key.privateKey,
      AUTHORIZED_KEY: this.clientKey.publicKey,
      // Inside a container the system reports the whole machine's figures.
      HOST_CPUS: `${cpus}`,
      HOST_MEMORY_MB: `${memory}`,
    };
  }

  private createHost(
    hostName: string,
    size: Limits,
    key: SshKey,
    data: Output<string>,
    published: number[],
    folders: docker.types.input.ContainerVolume[] = [],
  ): { host: Host; container: docker.Container } {
    const name = `${this.prefix}-${hostName}`;
    const disk = new docker.Volume(
      `${name}-disk`,
      { name: `${name}-disk`, labels: this.labels },
      {
        parent: this,
        dependsOn: this.sweeper,
        deletedWith: this.sweeper,
        // Docker has only one volume of each name.
        deleteBeforeReplace: true,
      },
    );
    const container = new docker.Container(
      name,
      {
        name,
        hostname: hostName,
        image: this.images.host,
        labels: this.labels,
        networksAdvanced: [{ name: this.network.name }],
        ports: published.map((internal) => ({ internal, ip: LOOPBACK })),
        memory: size.memory,
        // The same value means no swap. Without it, the engine's default reads back as a change.
        memorySwap: size.memory,
        cpus: asReadBack(size.cpus),
        // What --privileged gives, except for the one capability that some machines do not have.
        capabilities: { adds: ["ALL"], drops: ["SYS_RESOURCE"] },
        securityOpts: ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"],
        cgroupnsMode: "host",
        volumes: [
          { containerPath: "/var/lib/docker", volumeName: disk.name },
          { containerPath: "/seed", volumeName: this.images.seed, readOnly: true },
          { containerPath: "/sys/fs/cgroup", hostPath: "/sys/fs/cgroup" },
          ...folders,
        ],
        uploads: [{ file: "/var/lib/cloud/instance/user-data.txt", content: data }],
        destroyGraceSeconds: 1,
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        // A refresh reads these back in another form, and the plugin would replace the host.
        ignoreChanges: ["capabilities", "securityOpts"],
        // A stopped host is replaced: restarted, it could have another address, which Swarm does not support.
        replaceOnChanges: ["mustRun"],
      },
    );
    const privateAddress = output(container.networkDatas).apply(
      (networks) => networks[0]?.ipAddress ?? "",
    );
    return {
      container,
      host: {
        name: hostName,
        id: interpolate`${container.id}`,
        privateAddress,
        hostKey: key.publicKey,
        resource: container,
      },
    };
  }
}

/** What Spark gets of a host: whole CPUs, at least one. */
export function sizeOf({ cpus, memory }: Limits): HostSize {
  return { cpus: Math.max(1, Math.floor(cpus)), memory };
}

/** Notebooks are in a folder of the project, and outlive every cluster. */
function notebooks(): docker.types.input.ContainerVolume {
  const folder = join(process.cwd(), "notebooks");
  // Docker would create it as root.
  if (!runtime.isDryRun()) mkdirSync(folder, { recursive: true });
  return { containerPath: FOLDERS.notebooks, hostPath: folder };
}
