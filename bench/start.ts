import { deepStrictEqual } from "node:assert";
import { join } from "node:path";
import { z } from "zod";
import { clusterName, createStack, destroy, root, up } from "./cluster";
import { byTurns, type Comparison, say } from "./measure";
import { run } from "./run";

const ROUNDS = 3;

/** A new cluster by `pulumi up`, against the same cluster by a shell script. */
export async function compareStart(settings: Record<string, string>): Promise<Comparison> {
  say(`start: a new cluster, ${ROUNDS} rounds`);
  const plain = (verb: string) =>
    run(join(root, "bench", "plain-swarm.sh"), [verb], { env: settings, limit: 180 });
  let ourHosts: unknown;
  const measured = await byTurns(
    ROUNDS,
    async () => {
      await createStack();
      const { seconds } = await up();
      ourHosts = await hostsAsMade(clusterName);
      await destroy();
      return seconds;
    },
    async () => {
      const { seconds } = await plain("create");
      const theirHosts = await hostsAsMade(`${clusterName}-plain`);
      deepStrictEqual(theirHosts, ourHosts, "bench/plain-swarm.sh makes other hosts than index.ts");
      await plain("remove");
      return seconds;
    },
  );
  return {
    what: "start: pulumi up against a shell script",
    ...measured,
    aim: 1.5,
    notes: ["until Spark has its workers; images and seed were there before, on both sides"],
  };
}

/** The settings that affect a host's speed, from `docker inspect`. */
const hostConfig = z.object({
  Image: z.string(),
  HostConfig: z.object({
    CapAdd: z.array(z.string()),
    CapDrop: z.array(z.string()),
    CgroupnsMode: z.string(),
    Memory: z.number(),
    MemorySwap: z.number(),
    NanoCpus: z.number(),
    Privileged: z.boolean(),
    SecurityOpt: z.array(z.string()),
  }),
  Mounts: z.array(z.object({ Type: z.string(), Destination: z.string(), RW: z.boolean() })),
});

async function hostsAsMade(name: string): Promise<unknown> {
  const hosts = ["manager", "worker-0", "worker-1"].map((host) => `${name}-${host}`);
  const { stdout } = await run("docker", ["inspect", ...hosts], { limit: 30 });
  return z
    .array(hostConfig)
    .parse(JSON.parse(stdout))
    .map(({ Mounts, ...rest }) => ({
      ...rest,
      Mounts: Mounts.sort((a, b) => (a.Destination < b.Destination ? -1 : 1)),
    }));
}
