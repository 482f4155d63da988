import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";

const BASE = "debian:bookworm-slim";
const CONTEXT = join(__dirname, "image");
const SCRIPTS = join(__dirname, "../../../components/images");

export interface PreparedImages {
  /** The image of the machines. */
  machine: string;
  /** The volume with the data of a machine's Docker engine: the base image only. */
  seed: string;
}

/** Builds missing images, once per content: minutes on a machine that has none. Progress goes to stderr. */
export async function prepareImages(engine: Docker, signal: AbortSignal): Promise<PreparedImages> {
  const files = readdirSync(CONTEXT).sort();
  const content = files.flatMap((file) => [file, readFileSync(join(CONTEXT, file), "utf8")]);
  const machine = `spark-swarm/machine:${digest([BASE, ...content])}`;
  await run("build.sh", { IMAGE: machine, CONTEXT, BASE }, signal);
  const { Id: base } = await engine.getImage(BASE).inspect();
  const seed = `spark-swarm-seed-${digest([machine, base])}`;
  await run("seed.sh", { SEED: seed, HOST_IMAGE: machine, IMAGES: BASE }, signal);
  return { machine, seed };
}

function run(
  script: string,
  variables: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn("sh", [join(SCRIPTS, script)], {
    env: { ...process.env, ...variables },
    signal,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${script} ended with ${code ?? signal}`)),
    );
  });
}

/** Twelve digits are enough for a few hundred images. */
function digest(parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
}
