import { execFileSync, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";

export const repository = resolve(__dirname, "../..");

/** Java's second compiler pays off after minutes only. */
const SHORT_JAVA = "-XX:TieredStopAtLevel=1";

let environment: string | undefined;

/** The folder of the virtual environment from scripts/setup/python-env. */
function pythonEnvironment(): string {
  environment ??= execFileSync(join(repository, "scripts/setup/python-env"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  return environment;
}

/** The output of a program of the virtual environment, which must succeed. */
function run(program: string, args: string[]): string {
  const bin = join(pythonEnvironment(), "bin");
  const { status, stdout, stderr, error } = spawnSync(join(bin, program), args, {
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      SPARK_LOCAL_IP: "127.0.0.1",
      SPARK_LAUNCHER_OPTS: SHORT_JAVA,
    },
    maxBuffer: 1024 ** 3,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return stdout;
  // It contains a job's own error: Spark joins its two outputs.
  const end = (text: string) => text.split("\n").slice(-60).join("\n");
  throw error ?? new Error(`${program} ended with ${status}:\n${end(stderr)}\n${end(stdout)}`);
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}

/** The output of a Python script of the repository. */
export function python(script: string, ...args: string[]): string {
  return run("python", [join(repository, script), ...args]);
}

/** The output of a job of the repository on a real Spark with so many cores, or of that master. */
export function onSpark(job: string, args: string[], spark: number | string = 2): string {
  const conf = ["spark.ui.enabled=false", "spark.sql.shuffle.partitions=4"];
  const options = [
    "--master",
    typeof spark === "number" ? `local[${spark}]` : spark,
    ...["--driver-java-options", SHORT_JAVA],
    ...conf.flatMap((entry) => ["--conf", entry]),
  ];
  return run("spark-submit", [...options, join(repository, job), ...args]);
}

/** The last line of a job's output. */
export function answerOfSpark(job: string, args: string[], spark: number | string = 2): string {
  return lastLine(onSpark(job, args, spark));
}

/** The expected last line of a job, computed by an independent script. */
export function expectedAnswer(script: string, ...args: string[]): string {
  return lastLine(python(script, ...args));
}
