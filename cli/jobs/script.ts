import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "../errors";
import { confOptions } from "../options";
import { emptyParcel, type Parcel } from "./files";
import { START, startFile } from "./job";

/** The Spark shells. */
export const shells = ["pyspark", "spark-shell", "spark-sql"] as const;
export type Shell = (typeof shells)[number];

/**
 * The options of spark-sql that name what to run instead of typed input; FILES has `-i` too, a file to run before that.
 */
const RUNS = ["-f", "-e"];
const FILES = ["-f", "-i"];

/** Whether a shell's own options name what to run. */
export const runsByItself = (shell: Shell, words: string[]): boolean =>
  shell === "spark-sql" && words.some((word) => RUNS.includes(word));

/** Whether they name files, which must be sent. */
export const namesFiles = (shell: Shell, words: string[]): boolean =>
  shell === "spark-sql" && words.some((word) => FILES.includes(word));

/**
 * A shell without a terminal, as a job: it runs a program as a whole, and exits with its status.
 *
 * @param program a local file; none if the shell's own options name what to run
 * @param words the shell's own options
 * @throws CliError when a file that these name is missing
 */
export function scriptOf(
  shell: Shell,
  settings: string[],
  words: string[],
  program?: string,
): { title: string; command: string[]; args: string[]; parcel: Parcel } {
  const parcel = emptyParcel();
  parcel.files.push(startFile);
  const send = (local: string, sent: string): string => {
    parcel.files.push({ local: resolve(local), sent });
    return `/job/${sent}`;
  };
  const tool = (name: string) => send(join(__dirname, name), `tool/${name}`);
  const options = [
    ...confOptions(settings),
    ...(shell === "spark-sql" ? filesOf(words, send) : words),
  ];
  const job = (command: string[], args: string[]) => {
    const environment =
      command[0] === "spark-shell" ? ["env", "SPARK_SWARM_SCRIPT=/job/main/program"] : [];
    return { title: shell, command: [...START, ...environment, ...command], args, parcel };
  };
  if (program === undefined) return job([shell], options);
  const sent = send(program, "main/program");
  switch (shell) {
    case "pyspark":
      return job(
        ["spark-submit"],
        ["--name", "PySparkShell", ...options, tool("run_program.py"), sent],
      );
    case "spark-shell":
      return job([shell], [...options, "-i", tool("run-program.scala")]);
    case "spark-sql":
      return job([shell], [...options, "-f", sent]);
  }
}

/** Sends the files that options of spark-sql name. */
function filesOf(words: string[], send: (local: string, sent: string) => string): string[] {
  return words.map((word, index) => {
    const option = words[index - 1];
    if (option === undefined || !FILES.includes(option) || word.includes(":/")) return word;
    if (!statSync(word, { throwIfNoEntry: false })?.isFile()) {
      throw new CliError("missingFile", `spark-sql ${option}: there is no file ${word} here.`);
    }
    return send(word, `main/file-${index}`);
  });
}
