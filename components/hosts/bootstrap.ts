import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { shellQuote } from "../script";

/** A user's script that each host runs once, before anything else runs on it. */
export interface BootstrapAction {
  /** The script's path, as seen from the program's working directory. It begins with `#!`. */
  run: string;
  /** The hosts that run it. */
  on: "all" | "manager" | "workers";
  /** The script's arguments. */
  args: string[];
}

/** Where a host keeps the files of its cluster, in a folder named after the machine's id. */
export const HOST_LIBRARY = "/usr/local/lib/spark-swarm";

/** The script with which a host runs the user's actions; empty when there are none. */
export function bootstrapScript(actions: BootstrapAction[]): string {
  if (actions.length === 0) return "";
  const calls = actions.map(({ run, on, args }, index) => {
    const script = readFileSync(resolve(run)).toString("base64");
    const words = [`${index + 1}`, basename(run), on, script, ...args];
    return `action ${words.map(shellQuote).join(" ")}`;
  });
  return `${readFileSync(join(__dirname, "bootstrap.sh"), "utf8")}${calls.join("\n")}`;
}
