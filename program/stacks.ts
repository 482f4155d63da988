import { NETWORK, PORTS } from "../components/facts";
import type { Image } from "../components/images/images";
import { ComposeError } from "../components/swarm-stack/compose/findings";
import type { ComposeStack } from "../components/swarm-stack/compose/read";
import type { Registry } from "../components/swarm-stack/swarm-stack";
import type { Settings } from "./clouds";
import { imageToBuild } from "./stack-images";

/** A user's stack, read and validated. */
export interface UserStack extends ComposeStack {
  stackName: string;
  registries: Registry[];
  /** Images to build for it. */
  images: Image[];
}

/** The names of the cluster's own services on the network `spark`. */
export const OWN_NAMES = [
  ...Object.keys(PORTS),
  ...["namenode", "metastore", "server", "prometheus", "exporter", "host-exporter", "sshd"],
  // Names that hosts and users have for the others.
  ...["manager", "bastion"],
];

/** The ports of the hosts that are in use. */
const OWN_PORTS = {
  22: "SSH",
  2222: "the bastion",
  2377: "the Swarm",
  4789: "the overlay network",
  5000: "the cluster's own registry",
  7946: "the Swarm",
};

/**
 * The Compose files of the user's stacks.
 *
 * @throws Error that lists every problem in all of them
 */
export async function readStacks(settings: Settings): Promise<UserStack[]> {
  if (settings.stacks.length === 0) return [];
  // Loaded only when there is a stack: nothing else needs the schema and its validator.
  const { readCompose } = await import("../components/swarm-stack/compose/read");
  const problems: string[] = [];
  const read = settings.stacks.flatMap(({ name, file, env, timeout, registry }): UserStack[] => {
    const images: Image[] = [];
    try {
      const stack = readCompose(file, {
        stackName: name,
        env,
        taken: { [NETWORK]: OWN_NAMES },
        takenPorts: OWN_PORTS,
        reach: reachOf(settings),
        hosts: settings.workers.count + 1,
        build: (build) => {
          const image = imageToBuild(build);
          images.push(image);
          return image.reference;
        },
      });
      return [
        {
          ...stack,
          stackName: name,
          timeout: timeout ?? stack.timeout,
          registries: registry ? [registry] : [],
          images,
        },
      ];
    } catch (error) {
      if (!(error instanceof ComposeError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length) throw new Error(report(problems));
  return read;
}

function report(problems: string[]): string {
  return [
    `The Compose files of this stack have ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`,
    ...problems.map((problem) => `  - ${problem}`),
    "Nothing was created or changed.",
  ].join("\n");
}

/** Who can reach a port that a stack publishes. */
function reachOf({ cloud }: Settings): string {
  const name = "the service answers by its name on the network spark";
  return cloud === "local"
    ? `the cluster's hosts and this machine can reach it. Through npx spark-swarm tunnel, ${name}`
    : `only the cluster's hosts can reach it; from outside, only SSH is open. Through npx spark-swarm tunnel, ${name}`;
}
