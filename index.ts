import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { Bastion } from "./components/bastion/bastion";
import { LocalHosts } from "./components/hosts/local";
import { LocalImages, SWARM_IMAGES } from "./components/images/images";
import { parseSettings } from "./components/settings";
import { Spark } from "./components/spark/spark";
import { NETWORK, OVERLAY_PREFIX, Swarm } from "./components/swarm/swarm";
import { SwarmStack } from "./components/swarm-stack/swarm-stack";

const settings = readSettings();
const name = `${pulumi.getProject()}-${pulumi.getStack()}`;

const images = new LocalImages(`${name}-images`);
const hosts = new LocalHosts(name, { settings, images });
const swarm = new Swarm(`${name}-swarm`, { hosts });
const bastion = new Bastion(`${name}-bastion`, { swarm, clientKey: hosts.clientKey });
new Spark(`${name}-spark`, { swarm, workers: hosts.workers });
for (const stack of settings.stacks) {
  new SwarmStack(`${name}-${stack.name}`, {
    swarm,
    stackName: stack.name,
    compose: readFileSync(stack.file, "utf8"),
  });
}

/** What the command-line tool needs to know. */
export const cluster = {
  stack: pulumi.getStack(),
  cloud: settings.cloud,
  manager: {
    name: hosts.manager.name,
    ...hosts.manager.ssh,
    user: "root",
    hostKey: hosts.manager.hostKey,
    privateAddress: hosts.manager.privateAddress,
  },
  workers: hosts.workers.map(({ name, id, privateAddress, hostKey }) => ({
    name,
    id,
    privateAddress,
    user: "root",
    hostKey,
  })),
  bastion: { ...hosts.manager.bastion, user: "tunnel", hostKey: bastion.hostKey.publicKey },
  image: SWARM_IMAGES.spark,
  network: NETWORK,
  overlayPrefix: OVERLAY_PREFIX,
};

/** Opens the hosts and the bastion. */
export const privateKey = hosts.clientKey.privateKey;

function readSettings() {
  const prefix = `${pulumi.getProject()}:`;
  const config = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  try {
    return parseSettings(Object.fromEntries(config));
  } catch (error) {
    // RunError: the message without a stack trace.
    throw new pulumi.RunError((error as Error).message);
  }
}
