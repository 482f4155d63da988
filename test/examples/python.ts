import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

export const repository = resolve(__dirname, "../..");

let environment: string | undefined;

/** The folder of the virtual environment that scripts/setup/python-env prepares. */
function pythonEnvironment(): string {
  environment ??= execFileSync(join(repository, "scripts/setup/python-env"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  return environment;
}

/** Runs a program of the virtual environment, and returns its stdout. */
function run(program: string, args: string[]): string {
  const bin = join(pythonEnvironment(), "bin");
  return execFileSync(join(bin, program), args, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, SPARK_LOCAL_IP: "127.0.0.1" },
    maxBuffer: 1024 ** 3,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}

/** What a Python script of the repository prints. */
export function python(script: string, ...args: string[]): string {
  return run("python", [join(repository, script), ...args]);
}

/** The last line that a job of the repository prints on a real Spark with so many cores. */
export function answerOfSpark(job: string, args: string[], cores = 2): string {
  const conf = ["spark.ui.enabled=false", "spark.sql.shuffle.partitions=4"];
  const options = ["--master", `local[${cores}]`, ...conf.flatMap((entry) => ["--conf", entry])];
  return lastLine(run("spark-submit", [...options, join(repository, job), ...args]));
}

/** The last line that a job must print, as an independent script computes it. */
export function expectedAnswer(script: string, ...args: string[]): string {
  return lastLine(python(script, ...args));
}
