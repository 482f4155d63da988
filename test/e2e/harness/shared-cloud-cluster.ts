import type { EmulatedCloud } from "../../emulators/daemon";
import { type CloudName, CloudStack, cloudWithSnapshot } from "./cloud-stack";

/** The smallest size of each cloud that is enough for Spark's workers and drivers. */
const CONFIG: Record<CloudName, Record<string, string>> = {
  digitalocean: {
    "workers.count": "2",
    "workers.size": "s-1vcpu-2gb",
    "digitalocean.reservedAddress": "true",
  },
  aws: {
    "workers.count": "2",
    "workers.size": "t3.small",
    "aws.buckets[0]": "a-bucket-of-data",
  },
};

const BOOTSTRAP = {
  "bootstrap[0].run": "test/e2e/jobs/bootstrap.sh",
  "bootstrap[0].args[0]": "hello",
};

const clouds = new Map<CloudName, Promise<EmulatedCloud>>();
const stacks = new Map<CloudName, Promise<CloudStack>>();
const ups = new Map<CloudName, Promise<CloudStack>>();

/** A stack for a cluster with two workers on an emulated cloud, before its first update. */
export function sharedCloudStack(name: CloudName): Promise<CloudStack> {
  const made = stacks.get(name) ?? create(name);
  stacks.set(name, made);
  return made;
}

/** The cluster that tests on an emulated cloud share. The first call creates it. */
export function sharedCloudCluster(name: CloudName): Promise<CloudStack> {
  const up = ups.get(name) ?? bringUp(name);
  ups.set(name, up);
  return up;
}

async function bringUp(name: CloudName): Promise<CloudStack> {
  const stack = await sharedCloudStack(name);
  await stack.up();
  return stack;
}

/** Ends the cloud, and with it the cluster. */
export async function endSharedCloud(name: CloudName): Promise<void> {
  const cloud = await clouds.get(name);
  clouds.delete(name);
  stacks.delete(name);
  ups.delete(name);
  await cloud?.stop();
}

async function create(name: CloudName): Promise<CloudStack> {
  const cloud = cloudWithSnapshot(name, { boot: 0 });
  clouds.set(name, cloud);
  return new CloudStack("cloud", name, await cloud).create({ ...CONFIG[name], ...BOOTSTRAP });
}
