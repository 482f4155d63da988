import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalHosts } from "../components/hosts/local";
import { imageOf } from "../components/images/images";
import { Swarm } from "../components/swarm/swarm";
import { checkArgs } from "./check-args";
import type { Connection } from "./swarm-stack";

/** What a host may use of this machine. */
export interface LocalHost {
  /** CPUs, such as 0.5. */
  cpus: number;
  /** Memory, in MB. */
  memory: number;
}

/** Hosts of one size. */
export interface LocalWorkers {
  /** How many. */
  count: number;
  /** CPUs of each, such as 0.5. */
  cpus: number;
  /** Memory of each, in MB. */
  memory: number;
}

export interface LocalSwarmArgs {
  /** The host that manages the Swarm. */
  manager: LocalHost;
  /** The other hosts. */
  workers: LocalWorkers;
  /**
   * Folders with a Dockerfile and the files that it needs, relative to the program's folder. All hosts have the images
   * built from them from the start. Default: none.
   */
  images?: string[];
}

/**
 * A Docker Swarm on this machine: each host is a container with its own SSH server and Docker engine. The hosts' names
 * on this machine's engine begin with PROJECT-STACK-NAME.
 */
export class LocalSwarm extends pulumi.ComponentResource {
  /** How to reach the manager by SSH, once all hosts have joined. */
  readonly connection: pulumi.Output<Connection>;
  /** The Swarm's id. It changes when the manager is replaced. */
  readonly swarmId: pulumi.Output<string>;
  /** The manager's address on this machine, where its services' published ports answer. */
  readonly managerAddress: pulumi.Output<string>;
  /** The images by their folders' names, for the Compose documents of stacks. */
  readonly images: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: LocalSwarmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spark-swarm:index:LocalSwarm", name, {}, opts);
    const { manager, workers } = args;
    const folders = (args.images ?? []).map((folder) => resolve(folder));
    checkArgs(`LocalSwarm ${name}`, [
      ...sizeChecks("manager", manager),
      ...sizeChecks("workers", workers),
      [
        "workers.count",
        Number.isInteger(workers.count) && workers.count >= 0,
        "must be a whole number, 0 or more",
      ],
      ...folders.map((folder, index): [string, boolean, string] => [
        `images[${index}]`,
        existsSync(join(folder, "Dockerfile")),
        `must be a folder with a Dockerfile: there is no ${join(folder, "Dockerfile")}`,
      ]),
    ]);
    // This machine's engine may have other Swarms, also of this stack.
    const prefix = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
    const images = folders.map((folder) => imageOf(folder));
    const hosts = new LocalHosts(prefix, { manager, workers, images }, { parent: this });
    const swarm = new Swarm(`${prefix}-swarm`, { hosts }, { parent: this });

    const connection: Connection = {
      host: hosts.manager.ssh.address,
      port: hosts.manager.ssh.port,
      user: "root",
      privateKey: hosts.clientKey.privateKey,
      hostKey: hosts.manager.hostKey,
    };
    this.connection = pulumi.all([connection, swarm.ready.urn]).apply(([known]) => known);
    this.swarmId = swarm.id;
    this.managerAddress = hosts.manager.privateAddress;
    this.images = pulumi.output(
      Object.fromEntries(images.map((image) => [image.name, image.reference])),
    );
    this.registerOutputs({
      connection: this.connection,
      swarmId: this.swarmId,
      managerAddress: this.managerAddress,
      images: this.images,
    });
  }
}

function sizeChecks(path: string, { cpus, memory }: LocalHost): [string, boolean, string][] {
  return [
    [`${path}.cpus`, cpus > 0, "must be a number of CPUs greater than 0"],
    [
      `${path}.memory`,
      Number.isInteger(memory) && memory > 0,
      "must be a whole number of MB greater than 0",
    ],
  ];
}
