import { existsSync, readdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fastify from "fastify";
import type { Cloud, StartCloud } from "./contract";
import { Control } from "./control";
import { OrderedFaults } from "./faults";
import { ContainerMachines } from "./machines/containers";
import type { MachinePark } from "./machines/park";
import { SimulatedMachines } from "./machines/simulated";

/** Each is a folder here, which exports a {@link StartCloud} as `start`. */
const CLOUDS = readdirSync(__dirname).filter((name) =>
  existsSync(join(__dirname, name, "index.ts")),
);

const USAGE = `Usage: emulated-cloud ${CLOUDS.join("|")} [options]

Serves an emulated cloud until SIGTERM or SIGINT, and prints one line of JSON when it is ready. All that is
in it lives and ends with this process.

  --boot SECONDS               from power-on until the guest's system starts (default 2)
  --provision SECONDS          from the request for a machine until the API calls it active (default 1)
  --machines containers|simulated
                               simulated: states only, for many machines (default containers)
  --seed VOLUME                the images of the machine image "snapshot": a volume as components/images makes it
  --attached                   end when standard input ends, so with whoever holds it
`;
/** The process ends even if something hangs. */
const CLOSE_MS = 60_000;

export interface Options {
  bootSeconds: number;
  provisionSeconds: number;
  machines: "containers" | "simulated";
  seed: string | undefined;
  /** End when standard input ends. */
  attached: boolean;
}

/** Its output when it is ready. */
export interface Ready {
  /** The environment variables for programs that use it. */
  env: Record<string, string>;
  /** Where tests order faults, see {@link Control}. */
  control: string;
  /** The source address of this machine's own connections to the machines. */
  developer: string;
  /** The Docker network of the public addresses, for tests that connect from another address. */
  network?: string;
  /** The configuration names of the available machine images. */
  images: Partial<Cloud["images"]>;
}

/** Serves a cloud until the process is asked to end. */
export async function serve(start: StartCloud, options: Options): Promise<void> {
  const ends: (() => Promise<void> | void)[] = [];
  let ending = false;
  const end = async (status: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    for (const work of ends.reverse()) {
      try {
        await work();
      } catch (error) {
        console.error(error);
      }
    }
    process.exit(status);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => end(0));
  process.on("uncaughtException", (error) => {
    console.error(error);
    end(1);
  });
  if (options.attached) process.stdin.once("end", () => end(0)).resume();
  try {
    console.log(JSON.stringify(await begin(start, options, (work) => ends.push(work))));
  } catch (error) {
    // If it ends before it is ready, it prints nothing.
    if (!ending) console.error(`emulated-cloud: ${error instanceof Error ? error.message : error}`);
    await end(1);
  }
}

async function begin(
  start: StartCloud,
  { machines: kind, bootSeconds, provisionSeconds, seed }: Options,
  onEnd: (work: () => Promise<void> | void) => void,
): Promise<Ready> {
  const faults = new OrderedFaults();
  const bootDelay = (name: string) => faults.bootDelay(name);
  const unwanted = new AbortController();
  const { signal } = unwanted;
  const opening: Promise<MachinePark> =
    kind === "simulated"
      ? SimulatedMachines.open({ bootSeconds, bootDelay, signal })
      : ContainerMachines.open({ bootSeconds, bootDelay, signal, seed });
  onEnd(async () => {
    unwanted.abort();
    const opened = await opening.catch(() => undefined);
    await opened?.close();
  });
  const machines = await opening;
  const control = new Control(machines, faults);
  const cloud = await start({
    machines,
    machineImages: machines.images,
    faults,
    provisionSeconds,
    onControl: control.onControl,
  });
  onEnd(() => cloud.close());

  const server = fastify({ forceCloseConnections: true });
  server.register(async (scope) => cloud.routes(scope));
  server.register(async (scope) => control.routes(scope, cloud), { prefix: Control.PATH });
  // Machines reach it there too: their creator may have given them the endpoint.
  const endpoint = await server.listen({ host: machines.developer, port: 0 });
  onEnd(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  machines.setPort(port);
  return {
    env: cloud.environment(endpoint),
    control: `${endpoint}${Control.PATH}`,
    developer: machines.developer,
    network: machines.network,
    images: Object.fromEntries([...machines.images].map((image) => [image, cloud.images[image]])),
  };
}

/** @throws Error when the command line is wrong */
function parse(args: string[]): { cloud: string; options: Options } {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      boot: { type: "string", default: "2" },
      provision: { type: "string", default: "1" },
      machines: { type: "string", default: "containers" },
      seed: { type: "string" },
      attached: { type: "boolean", default: false },
    },
  });
  const [cloud, ...others] = positionals;
  if (cloud === undefined || others.length > 0 || !CLOUDS.includes(cloud)) {
    throw new Error(`name one cloud of: ${CLOUDS.join(", ")}`);
  }
  const { machines, seed, attached } = values;
  if (machines !== "containers" && machines !== "simulated") {
    throw new Error(`there are no machines of kind ${machines}`);
  }
  const seconds = (text: string) => {
    const number = Number(text);
    if (!(number >= 0)) throw new Error(`${text} is not a number of seconds`);
    return number;
  };
  return {
    cloud,
    options: {
      bootSeconds: seconds(values.boot),
      provisionSeconds: seconds(values.provision),
      machines,
      seed,
      attached,
    },
  };
}

/** The program `emulated-cloud`. */
async function main(): Promise<void> {
  try {
    const { cloud, options } = parse(process.argv.slice(2));
    const { start } = (await import(`./${cloud}`)) as { start: StartCloud };
    await serve(start, options);
  } catch (error) {
    console.error(`emulated-cloud: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}

if (require.main === module) main();
