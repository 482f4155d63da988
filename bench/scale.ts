import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { createStack, pulumi, root } from "./cluster";
import { load, say } from "./measure";
import { run } from "./run";

/** The time of a real machine from power-on to its user data. */
const BOOT_SECONDS = 30;
/** The number of parallel steps of Pulumi: none may wait for another. */
const PARALLEL = 1000;
const LIMIT = 1200;

interface Series {
  cloud: "digitalocean" | "aws";
  machines: "containers" | "simulated";
  workers: number[];
}

const SERIES: Series[] = [
  { cloud: "digitalocean", machines: "containers", workers: [1, 4, 16] },
  { cloud: "digitalocean", machines: "simulated", workers: [1, 10, 100] },
  { cloud: "aws", machines: "simulated", workers: [1, 10, 100] },
];

const ready = z.object({
  env: z.record(z.string(), z.string()),
  developer: z.string(),
  images: z.object({ docker: z.string(), snapshot: z.string().optional() }),
});
type Ready = z.infer<typeof ready>;

/** Measures how the time from `up` to "Spark has its workers" grows with their number, on emulated clouds. */
export async function benchScale(): Promise<string> {
  const { stdout } = await run(join(root, "scripts/setup/snapshot"), [], { limit: LIMIT });
  const seed = stdout.trim().split("\n").at(-1) ?? "";
  const rows: string[][] = [];
  for (const series of SERIES) {
    let first: number | undefined;
    for (const workers of series.workers) {
      const seconds = await onCloud(series, seed, (cloud) => measure(series, workers, cloud));
      first ??= seconds;
      const row = [
        `${series.cloud}, ${series.machines}`,
        `${workers}`,
        `${seconds.toFixed(1)} s`,
        `${(seconds - BOOT_SECONDS).toFixed(1)} s`,
        (seconds / first).toFixed(2),
      ];
      say(`  ${row.join("  ")}, load ${load()}`);
      rows.push(row);
    }
  }
  return [
    "| machines | workers | time | without the boot | ratio to 1 |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    `Each machine boots for ${BOOT_SECONDS} s; pulumi up --parallel ${PARALLEL}. "simulated": the cloud's states only,`,
    "no machines, so that this computer's two cores are not what is measured.",
  ].join("\n");
}

async function measure(series: Series, workers: number, cloud: Ready): Promise<number> {
  await createStack();
  const config = {
    cloud: series.cloud,
    workers: `${workers}`,
    "access.allowFrom[0]": `${cloud.developer}/32`,
    ...(series.machines === "containers" ? { image: cloud.images.snapshot ?? "" } : {}),
  };
  for (const [key, value] of Object.entries(config)) {
    await pulumi(["config", "set", "--path", key, value]);
  }
  const change = (verb: string) =>
    run(
      "pulumi",
      ["--non-interactive", verb, "--yes", "--skip-preview", "--parallel", `${PARALLEL}`],
      {
        folder: root,
        limit: LIMIT,
        env: { ...cloud.env, PULUMI_STACK: process.env.BENCH_STACK ?? "" },
      },
    );
  const { seconds } = await change("up");
  await change("destroy");
  await pulumi(["stack", "rm", "--yes"]);
  return seconds;
}

let daemon: ChildProcess | undefined;

async function onCloud<T>(
  { cloud, machines }: Series,
  seed: string,
  work: (cloud: Ready) => Promise<T>,
): Promise<T> {
  const program = join(root, "emulators/bin/emulated-cloud");
  const args = [cloud, "--boot", `${BOOT_SECONDS}`, "--machines", machines, "--seed", seed];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  daemon = child;
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("close", () => reject(new Error(`the emulated ${cloud} did not start`)));
    });
    return await work(ready.parse(JSON.parse(line)));
  } finally {
    child.kill("SIGTERM");
    await ended;
    daemon = undefined;
  }
}

/** On an interruption: the cloud removes its machines before it ends. */
export async function endCloud(): Promise<void> {
  const child = daemon;
  if (!child) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
}
