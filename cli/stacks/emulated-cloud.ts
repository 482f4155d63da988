import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { CliError } from "../errors";
import { pulumiEnvironment, root } from "../pulumi/pulumi";
import { ended, endWithUs } from "../ssh/ssh";
import type { Interruption } from "../terminal/interruption";

/** What emulators/bin/emulated-cloud says when it is ready. */
const schema = z.object({
  /** Where it is, and its credentials. */
  env: z.record(z.string(), z.string()),
  developer: z.ipv4(),
  images: z.object({ snapshot: z.string() }),
});

export interface EmulatedCloud {
  /** What Pulumi needs in its environment. */
  variables: Record<string, string>;
  /** The address that its machines see when this machine connects to them. */
  developer: string;
  /** Its name for the machine image with the cluster's images in it. */
  snapshot: string;
  /** Ends it, and with it all that is in it. */
  end(): Promise<void>;
}

/** Starts an emulated cloud. It ends with this process at the latest. */
export async function startEmulatedCloud(
  cloud: string,
  interruption: Interruption,
): Promise<EmulatedCloud> {
  const run = (program: string, args: string[] = []) => {
    interruption.check();
    const child = start(join(root, program), args);
    interruption.during("ending the emulated cloud", () => child.kill("SIGTERM"));
    // One that cannot be started has status 1, too.
    return { child, over: ended(child).catch(() => 1) };
  };
  /** Runs a script; the last line that it prints. */
  const setUp = async (script: string) => {
    const { child, over } = run(`scripts/setup/${script}`);
    let last = "";
    for await (const line of createInterface({ input: child.stdout })) last = line;
    if ((await over) === 0) return last;
    throw new CliError("failed", `The emulated cloud could not be prepared: ${script} failed.`);
  };
  await setUp("base-image");
  if (cloud === "aws") await setUp("moto");
  const seed = await setUp("snapshot");

  const { child, over } = run("emulators/bin/emulated-cloud", [cloud, "--seed", seed]);
  endWithUs(child);
  const line = await new Promise<string | undefined>((done) => {
    createInterface({ input: child.stdout })
      .once("line", done)
      .once("close", () => done(undefined));
  });
  if (line === undefined) throw new CliError("failed", `The emulated ${cloud} did not start.`);
  const { env, developer, images } = schema.parse(JSON.parse(line));
  return {
    variables: { ...env, SPARK_SWARM_EMULATED: "1" },
    developer,
    snapshot: images.snapshot,
    end: async () => {
      child.kill("SIGTERM");
      await over;
    },
  };
}

/** Starts a program whose messages are ours. Ctrl-C at the terminal does not reach it. */
function start(program: string, args: string[]) {
  const env = pulumiEnvironment();
  return spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
}
