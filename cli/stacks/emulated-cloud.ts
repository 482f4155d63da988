import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { CliError } from "../errors";
import { endWithUs, start } from "../programs";
import { pulumiEnvironment, root } from "../pulumi/pulumi";
import type { Interruption } from "../terminal/interruption";

/** What emulators/bin/emulated-cloud prints when it is ready. */
const schema = z.object({
  /** Its address and its credentials. */
  env: z.record(z.string(), z.string()),
  developer: z.ipv4(),
  images: z.object({ snapshot: z.string() }),
});

export interface EmulatedCloud {
  /** Environment variables for Pulumi. */
  variables: Record<string, string>;
  /** The source address of this machine's connections to its machines. */
  developer: string;
  /** Its name for the machine image that contains the cluster's images. */
  snapshot: string;
  /** Ends it and everything in it. */
  end(): Promise<void>;
}

/** Starts an emulated cloud. It ends with this process at the latest. */
export async function startEmulatedCloud(
  cloud: string,
  interruption: Interruption,
): Promise<EmulatedCloud> {
  const launch = (program: string, args: string[] = []) => {
    interruption.check();
    const launched = start(join(root, program), args, {
      env: pulumiEnvironment(),
      stdio: ["ignore", "pipe", "inherit"],
      // Ctrl-C at the terminal does not reach it.
      detached: true,
    });
    interruption.during("ending the emulated cloud", () => launched.child.kill("SIGTERM"));
    return launched;
  };
  /** Runs a script; returns its last line of output. */
  const setUp = async (script: string) => {
    const { status, stdout } = await launch(`scripts/setup/${script}`).ended;
    if (status === 0) return stdout.trimEnd().split("\n").at(-1) ?? "";
    throw new CliError("failed", `The emulated cloud could not be prepared: ${script} failed.`);
  };
  await setUp("base-image");
  const seed = await setUp("snapshot");

  const { child, ended } = launch("emulators/bin/emulated-cloud", [cloud, "--seed", seed]);
  endWithUs(child);
  const line = await firstLine(child);
  if (line === undefined) throw new CliError("failed", `The emulated ${cloud} did not start.`);
  const { env, developer, images } = schema.parse(JSON.parse(line));
  return {
    variables: { ...env, SPARK_SWARM_EMULATED: "1" },
    developer,
    snapshot: images.snapshot,
    end: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The first line that a process prints; undefined when it ends without one. */
function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  return new Promise((done) => {
    if (!stdout) return done(undefined);
    createInterface({ input: stdout })
      .once("line", done)
      .once("close", () => done(undefined));
  });
}
