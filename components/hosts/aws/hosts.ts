import { join } from "node:path";
import * as aws from "@pulumi/aws";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";
import type { SshKey } from "../../ssh-key";
import type { BootstrapAction } from "../bootstrap";
import type { Host, Hosts, Lost, Manager } from "../contract";
import { hostKeys } from "../keys";
import { managerOf, publicly } from "../manager";
import { type Sweep, sweeper } from "../sweep";
import { stackTag } from "../tag";
import { userData } from "../user-data";
import { type Network, ownNetwork, securityGroups } from "./network";

/** An instance type of EC2. */
export interface InstanceType {
  /** EC2's name for it, such as `m6i.large`. */
  type: string;
  /** Virtual CPUs. */
  vcpus: number;
  /** Memory, in MB. */
  memory: number;
  /** The architecture of its CPUs. */
  architecture: "amd64" | "arm64";
}

export interface AwsHostsArgs {
  /** The provider that creates all resources. */
  provider: aws.Provider;
  /** The provider's region. */
  region: string;
  /** An availability zone of the region, such as `eu-central-1a`. */
  zone: string;
  /** An AMI of the instance types' architecture, with cloud-init; Docker is installed where it is missing. */
  image: string;
  /** Whether another image, such as a newer one, replaces running hosts. */
  imageIsFixed: boolean;
  /** The host that manages the Swarm. */
  manager: {
    /** Its instance type. */
    type: InstanceType;
    /** Its disk, in GB. */
    disk: number;
  };
  /** The other hosts. */
  workers: {
    /** How many workers there are. */
    count: number;
    /** Their instance type. */
    type: InstanceType;
    /** The disk of each, in GB. */
    disk: number;
    /**
     * Buys workers on the spot market.
     *
     * @default workers are bought on demand
     */
    market?: {
      /**
       * The most that a worker may cost, in USD an hour.
       *
       * @default the price on demand
       */
      maxPrice?: number;
    };
    /** Whether AWS may reclaim workers, now or after a later update. Workers then watch for the notice. */
    spot: boolean;
    /** Whether existing workers of the other market are kept. */
    anyMarket: boolean;
  };
  /** Who can reach the hosts from outside. */
  access: {
    /** CIDRs (IPv4) that can reach the manager's SSH and the bastion. */
    allowFrom: string[];
  };
  /**
   * An existing network.
   *
   * @default a VPC of the hosts' own
   */
  existing?: {
    /** The subnet's id. */
    subnet: string;
    /** The id of its VPC. */
    vpc: string;
    /** The subnet's addresses, as a CIDR. */
    range: string;
  };
  /** S3 buckets that the hosts may read and write. */
  buckets: string[];
  /** Actions that run on hosts before they join the Swarm. */
  bootstrap: BootstrapAction[];
  /**
   * Workers that must be replaced.
   *
   * @default none
   */
  lost?: Lost;
}

/** Finds a stack's resources in a region of an account by tag and path, and deletes them. */
export function awsSweep(region: string): Sweep {
  return {
    command: "node --input-type=module -",
    script: join(__dirname, "sweep.mjs"),
    environment: { AWS_REGION: region },
  };
}

/**
 * EC2 instances in one subnet, of a VPC of their own unless one is named. A host that shuts down is terminated.
 *
 * @example
 * ```ts
 * import * as aws from "@pulumi/aws";
 * import { Swarm } from "spark-swarm";
 * import { AwsHosts } from "spark-swarm/aws";
 *
 * const type = { type: "m6i.large", vcpus: 2, memory: 8192, architecture: "amd64" } as const;
 * const hosts = new AwsHosts("lab", {
 *   provider: new aws.Provider("frankfurt", { region: "eu-central-1" }),
 *   region: "eu-central-1",
 *   zone: "eu-central-1a",
 *   image: "ami-0123456789abcdef0",
 *   imageIsFixed: true,
 *   manager: { type, disk: 30 },
 *   workers: { count: 3, type, disk: 30, spot: false, anyMarket: false },
 *   access: { allowFrom: ["198.51.100.7/32"] },
 *   buckets: [],
 *   bootstrap: [],
 * });
 * export const swarm = new Swarm("lab-swarm", { hosts });
 * ```
 */
export class AwsHosts extends ComponentResource implements Hosts {
  readonly manager: Manager;
  readonly workers: Host[];
  readonly clientKey: SshKey;
  readonly end = "systemctl poweroff";

  private readonly prefix: string;
  private readonly network: Network;
  private readonly tag: Output<string>;
  private readonly tags: Record<string, Input<string>>;
  /** On destroy one sweep deletes all of it, since something that Pulumi does not know may use it. */
  private readonly swept: CustomResourceOptions;
  private readonly keyPair: aws.ec2.KeyPair;
  private readonly profile: aws.iam.InstanceProfile | undefined;

  constructor(
    name: string,
    private readonly args: AwsHostsArgs,
    opts?: ComponentResourceOptions,
  ) {
    super("spark-swarm:hosts:AwsHosts", name, {}, opts);
    const { manager, workers } = args;
    this.prefix = name;
    this.tag = stackTag(name, this);
    this.tags = { Name: name, "spark-swarm": this.tag };
    const sweep = sweeper(`${name}-sweep`, awsSweep(args.region), this.tag, this);
    this.swept = {
      parent: this,
      provider: args.provider,
      dependsOn: sweep,
      deletedWith: sweep,
    };
    const keys = hostKeys(name, workers.count, this, args.lost);
    this.clientKey = keys.client;
    this.network = args.existing ?? ownNetwork(name, args.zone, this.tags, this.swept);
    const groups = securityGroups(
      name,
      this.network.vpc,
      args.access.allowFrom,
      this.tags,
      this.swept,
    );
    this.keyPair = new aws.ec2.KeyPair(
      `${name}-key`,
      { publicKey: keys.client.publicKey, tags: this.tags },
      this.swept,
    );
    this.profile = this.bucketAccess(name);

    const managerInstance = this.instance("manager", manager.type, {
      disk: manager.disk,
      groups: [groups.hosts.id, groups.manager.id],
      privateAddress: this.network.managerAddress,
      deleteFirst: true,
      data: userData("manager", {
        ...this.variables("manager", manager.type, keys.manager),
        JOIN_PUBLIC_KEY: keys.join.publicKey,
      }),
    });
    this.manager = managerOf(
      name,
      hostOf("manager", managerInstance, keys.manager),
      publicly(managerInstance.publicIp),
      { keys, actions: args.bootstrap },
      this,
    );
    this.workers = keys.workers.map(({ name: hostName, key, lost }) => {
      const instance = this.instance(hostName, workers.type, {
        disk: workers.disk,
        groups: [groups.hosts.id],
        market: workers.market,
        deleteFirst: lost,
        data: userData("worker", {
          ...this.variables(hostName, workers.type, key),
          JOIN_KEY: keys.join.privateKey,
          MANAGER: this.network.managerAddress ?? managerInstance.privateIp,
          MANAGER_HOST_KEY: keys.manager.publicKey,
          ...(workers.spot ? { SPOT: "yes" } : {}),
        }),
      });
      return hostOf(hostName, instance, key);
    });
    this.registerOutputs({});
  }

  private variables(hostName: string, type: InstanceType, key: SshKey) {
    return {
      NAME: hostName,
      HOST_KEY: key.privateKey,
      AUTHORIZED_KEY: this.clientKey.publicKey,
      HOST_CPUS: `${type.vcpus}`,
      HOST_MEMORY_MB: `${type.memory}`,
      PRIVATE_RANGE: this.network.range,
    };
  }

  private instance(
    hostName: string,
    type: InstanceType,
    options: {
      disk: number;
      groups: Input<string>[];
      data: Output<string>;
      privateAddress?: string;
      market?: AwsHostsArgs["workers"]["market"];
      deleteFirst: boolean;
    },
  ): aws.ec2.Instance {
    const { market } = options;
    const { image, imageIsFixed, workers } = this.args;
    const tags = { ...this.tags, Name: `${this.prefix}-${hostName}` };
    return new aws.ec2.Instance(
      `${this.prefix}-${hostName}`,
      {
        ami: image,
        instanceType: type.type,
        subnetId: this.network.subnet,
        privateIp: options.privateAddress,
        associatePublicIpAddress: true,
        vpcSecurityGroupIds: options.groups,
        keyName: this.keyPair.keyName,
        iamInstanceProfile: this.profile?.name,
        userData: options.data,
        userDataReplaceOnChange: true,
        instanceInitiatedShutdownBehavior: "terminate",
        // A hop limit of 1: containers are one hop further away and get no answer.
        metadataOptions: {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: 1,
        },
        rootBlockDevice: {
          volumeType: "gp3",
          volumeSize: options.disk,
          encrypted: true,
          deleteOnTermination: true,
          tags,
        },
        ...(market && {
          instanceMarketOptions: {
            marketType: "spot",
            spotOptions: {
              spotInstanceType: "one-time",
              instanceInterruptionBehavior: "terminate",
              ...(market.maxPrice === undefined ? {} : { maxPrice: `${market.maxPrice}` }),
            },
          },
        }),
        tags,
      },
      {
        ...this.swept,
        // A manager is deleted first because unsaved.ts checks it before, and because two machines cannot have its
        // address; a dead host, because it need not cost money until its replacement runs.
        deleteBeforeReplace: options.deleteFirst,
        // A newer Debian does not replace a running host; nor does the market, where either kind will do.
        ignoreChanges: [
          ...(imageIsFixed ? [] : ["ami"]),
          ...(workers.anyMarket ? ["instanceMarketOptions"] : []),
        ],
      },
    );
  }

  /** An instance profile that gives access to the buckets, and to nothing else. */
  private bucketAccess(name: string): aws.iam.InstanceProfile | undefined {
    const { buckets } = this.args;
    if (buckets.length === 0) return undefined;
    const path = interpolate`/spark-swarm/${this.tag}/`;
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        path,
        assumeRolePolicy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "ec2.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          ],
        }),
        tags: this.tags,
      },
      this.swept,
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-buckets`,
      {
        role: role.name,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              // The last action is for the committer, which aborts uploads that were not committed.
              Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
              Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}`),
            },
            {
              Effect: "Allow",
              Action: [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
              ],
              Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}/*`),
            },
          ],
        }),
      },
      this.swept,
    );
    return new aws.iam.InstanceProfile(
      `${name}-profile`,
      { path, role: role.name, tags: this.tags },
      { ...this.swept, dependsOn: policy },
    );
  }
}

function hostOf(name: string, instance: aws.ec2.Instance, key: SshKey): Host {
  return {
    name,
    id: instance.id,
    privateAddress: instance.privateIp,
    hostKey: key.publicKey,
    resource: instance,
  };
}
