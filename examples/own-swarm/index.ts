import { join } from "node:path";
import { getProject, getStack } from "@pulumi/pulumi";
import { imageOf, Swarm, SwarmStack } from "spark-swarm";
import { LocalHosts } from "spark-swarm/local";

const name = `${getProject()}-${getStack()}`;
const web = imageOf(join(__dirname, "web"));
const hosts = new LocalHosts(name, {
  manager: { cpus: 1, memory: 2048 },
  workers: { count: 1, cpus: 1, memory: 2048 },
  images: [web],
});
const swarm = new Swarm(`${name}-swarm`, { hosts });
new SwarmStack(`${name}-web`, {
  swarm,
  stackName: "web",
  compose: {
    version: "3.8",
    services: {
      web: {
        image: web.reference,
        ports: [{ target: 8080, published: 80, mode: "host" }],
        deploy: { mode: "global" },
      },
    },
  },
});

export const managerAddress = hosts.manager.privateAddress;
