import type { Facts, SparkFacts } from "../status/facts";
import { counted, mebibytes } from "../terminal/units";

type Application = SparkFacts["activeapps"][number];

/** The driver's application, once the master knows it. */
export function applicationOf({ application, spark }: Facts): Application | undefined {
  return spark[0]?.activeapps.find(({ id }) => id === application[0]?.id);
}

/** The cores of an executor, if a job's settings (`KEY=VALUE`, the last one counts) name them. */
export function executorCores(settings: string[]): number | undefined {
  const key = "spark.executor.cores=";
  const setting = settings.filter((text) => text.startsWith(key)).at(-1);
  return setting ? Number(setting.slice(key.length)) : undefined;
}

/** Explains why an application has no executors, and what to do about it. */
export function explainWaiting(
  application: Application,
  cores: number | undefined,
  spark: SparkFacts,
): string {
  const memory = application.memoryperexecutor;
  const askedCores = cores ? counted(cores, "core") : "1 core or more";
  const workers = spark.workers.filter(({ state }) => state === "ALIVE");
  const others = spark.activeapps.filter((app) => app.id !== application.id && app.cores > 0);
  const lines = [
    "The job is waiting: it has no executors yet.",
    `It asks for executors with ${mebibytes(memory)} and ${askedCores} each.`,
  ];
  if (workers.length === 0) {
    lines.push("No worker of the cluster is alive. See `spark-swarm status`.");
    return lines.join("\n");
  }
  lines.push("Resources of the workers:");
  for (const worker of workers) {
    const freeMemory = worker.memory - worker.memoryused;
    lines.push(
      `  ${worker.host}: ${mebibytes(freeMemory)} of ${mebibytes(worker.memory)} free, ${worker.cores - worker.coresused} of ${counted(worker.cores, "core")} free`,
    );
  }
  if (others.length > 0) lines.push("They are used by:");
  for (const app of others) {
    lines.push(
      `  ${app.name} (${app.id}): ${counted(app.cores, "core")}, ${mebibytes(app.memoryperexecutor)} an executor`,
    );
  }
  lines.push(remedy(memory, cores ?? 1, workers, others));
  return lines.join("\n");
}

/** Why no worker can ever give an application an executor, if that is the case. */
export function tooLarge(
  { memoryperexecutor }: Pick<Application, "memoryperexecutor">,
  workers: SparkFacts["workers"],
): string | undefined {
  const largest = Math.max(...workers.map(({ memory }) => memory));
  if (workers.length === 0 || memoryperexecutor <= largest) return undefined;
  return `No worker is large enough for executors of ${mebibytes(memoryperexecutor)}. Ask for at most --conf spark.executor.memory=${largest}m, or give the stack larger workers (workers.memory, or a larger size).`;
}

function remedy(
  memory: number,
  cores: number,
  workers: SparkFacts["workers"],
  others: Application[],
): string {
  const large = tooLarge({ memoryperexecutor: memory }, workers);
  if (large) return large;
  const widest = Math.max(...workers.map((worker) => worker.cores));
  if (cores > widest) {
    return `No worker has that many cores. Ask for at most --conf spark.executor.cores=${widest}.`;
  }
  if (!workers.some((worker) => worker.memory >= memory && worker.cores >= cores)) {
    return "No worker has that memory and those cores together: ask for less of either.";
  }
  if (others.length > 0) {
    return "It starts when one of them ends or gives up cores, or when the stack gets more workers.";
  }
  return "There is room, so it should start soon. `spark-swarm status` shows whether the workers are healthy.";
}
