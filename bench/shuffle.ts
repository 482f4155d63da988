import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { z } from "zod";
import { clusterName, folder, fromEnvironment, root, stack } from "./cluster";
import { byTurns, type Comparison, say } from "./measure";
import { run } from "./run";

const ROUNDS = 3;
/** Half a minute on two cores. */
const ROWS = 4_000_000;
const JOB = join(root, "bench", "shuffle.py");
const LIMIT = 240;

/** The same for both. */
const SETTINGS = [
  "spark.executor.memory=1g",
  "spark.sql.shuffle.partitions=16",
  "spark.sql.autoBroadcastJoinThreshold=-1",
  // Wait for both executors.
  "spark.scheduler.minRegisteredResourcesRatio=1",
  "spark.scheduler.maxRegisteredResourcesWaitingTime=60s",
];

/** A shuffle-heavy job on the cluster, against the same Spark without Docker. */
export async function compareShuffle(settings: Record<string, string>): Promise<Comparison> {
  say(`shuffle: ${ROWS.toLocaleString("en")} rows joined, grouped and sorted, ${ROUNDS} rounds`);
  const confOptions = SETTINGS.flatMap((setting) => ["--conf", setting]);
  const plain = await plainEnvironment(settings, confOptions);
  const checksums = new Set<number>();
  const timed = async (program: string, args: string[], env: Record<string, string> = {}) => {
    const { stdout } = await run(program, args, { folder: root, env, limit: LIMIT });
    const { seconds, checksum } = resultOf(stdout);
    checksums.add(checksum);
    return seconds;
  };
  const measured = await byTurns(
    ROUNDS,
    () =>
      timed("node", [
        ...["cli/spark-swarm.js", "submit", "--stack", stack],
        ...[...confOptions, JOB, "--", String(ROWS)],
      ]),
    async () =>
      timed(join(root, "bench", "plain-spark.sh"), ["run", JOB, String(ROWS)], {
        ...plain,
        MASTER_PORT: String(await getPort({ host: "127.0.0.1" })),
      }),
  );
  if (checksums.size !== 1) {
    throw new Error(`the two sides disagree: checksums ${[...checksums].join(", ")}`);
  }
  return {
    what: "shuffle: a job on Swarm against plain processes",
    ...measured,
    aim: 1.1,
    notes: [
      `as the job measures it, after a warm-up; checksum ${[...checksums][0]} on both sides`,
      "the plain processes are in control groups with the hosts' CPU and memory limits",
    ],
  };
}

const result = z.object({ seconds: z.number(), checksum: z.number() });

function resultOf(stdout: string): z.infer<typeof result> {
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  if (!line) throw new Error(`${JOB} printed no result:\n${stdout}`);
  return result.parse(JSON.parse(line));
}

/** Environment for bench/plain-spark.sh, from the running cluster, so that both are set up alike. */
async function plainEnvironment(
  settings: Record<string, string>,
  confOptions: string[],
): Promise<Record<string, string>> {
  const { defaults, command: master } = await inside("manager", "spark_master", "Master");
  const { command: worker } = await inside("worker-0", "spark_worker", "Worker");
  const conf = join(folder, "plain-spark", "conf");
  const events = join(folder, "plain-spark", "events");
  mkdirSync(conf, { recursive: true });
  mkdirSync(events, { recursive: true });
  const here: Record<string, string> = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.eventLog.dir": `file:${events}`,
    "spark.history.fs.logDirectory": `file:${events}`,
  };
  const lines = defaults.split("\n").map((line) => {
    const key = line.split(/\s/)[0] ?? "";
    return key in here ? `${key} ${here[key]}` : line;
  });
  writeFileSync(join(conf, "spark-defaults.conf"), lines.join("\n"), { mode: 0o600 });
  const log = join(folder, "plain-spark", "log4j2.properties");
  writeFileSync(log, DRIVER_LOG);

  const javaOptions = (command: string[]): string =>
    command.filter((word) => /^-(XX:|D)/.test(word)).join(" ");
  const option = (name: string): string => worker[worker.indexOf(name) + 1] ?? "";
  return {
    ...settings,
    BENCH_PYTHON: fromEnvironment("BENCH_PYTHON"),
    SPARK_CONF_DIR: conf,
    WORKER_CORES: option("--cores"),
    WORKER_SPARK_MEMORY: option("--memory"),
    DAEMON_OPTS: javaOptions(master),
    // The daemons' own options are among the worker's: repeating them does no harm.
    WORKER_OPTS: javaOptions(worker),
    DRIVER_OPTS: `-Dlog4j2.configurationFile=${log}`,
    SUBMIT_OPTIONS: confOptions.join("\n"),
  };
}

/** As quiet as the driver of a submitted job. */
const DRIVER_LOG = `rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
`;

/** Spark's defaults in a service's container, and the command line of its Java process. */
async function inside(host: string, service: string, part: string) {
  const script = `set -eu
    container=$(docker ps --quiet --filter label=com.docker.swarm.service.name=${service} | head -n 1)
    docker exec "$container" cat /home/spark/conf/spark-defaults.conf
    echo ---
    docker exec "$container" sh -c 'tr "\\0" "\\n" </proc/$(pgrep -f "^[^ ]*java .*deploy.*${part}" | head -n 1)/cmdline'`;
  const { stdout } = await run("docker", ["exec", `${clusterName}-${host}`, "sh", "-c", script], {
    limit: 30,
  });
  const [defaults = "", command = ""] = stdout.split("---\n");
  return { defaults, command: command.split("\n") };
}
