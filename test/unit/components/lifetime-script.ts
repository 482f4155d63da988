import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shellQuote } from "../../../components/script";
import { Machine } from "./machine";
import { type Ended, type Rule, succeeds } from "./shell";

const script = (name: string) =>
  readFileSync(join(__dirname, "../../../components/lifetime", name), "utf8");
const text = script("lifetime.sh");
/** The end of its functions and the start of its main part. */
const WORK = "\ncase ";
const end = text.indexOf(WORK);
if (end < 0) throw new Error("lifetime.sh does not begin its work as it did");

export const FOLDER = "/var/lib/spark-swarm";
export const PROGRAM = "/usr/local/lib/spark-swarm/lifetime";
export const ENDING = "/run/spark-swarm-ending";

/** A manager with an init system, which records its sleeps. */
export function manager(): Machine {
  const machine = new Machine({ "/etc/systemd/system/.keep": "" });
  machine.write("/run/systemd/system/.keep", "");
  machine.fake("sleep");
  return machine;
}

/** Installs the watcher like the program. Settings that are missing are empty. */
export function install(
  machine: Machine,
  {
    ttl = "",
    idle = "",
    command = "",
    archive = "",
  }: Partial<Record<"ttl" | "idle" | "command" | "archive", string>>,
): Ended {
  const variables = {
    MANAGER: "m1",
    TTL: ttl,
    IDLE: idle,
    END: command,
    ARCHIVE: archive,
    LIFETIME: text,
  };
  const assignments = Object.entries(variables).map(
    ([name, value]) => `${name}=${shellQuote(value)}`,
  );
  return succeeds(machine.run(["#!/bin/sh", ...assignments, script("install.sh")].join("\n")));
}

/** Removes it like the program. */
export function remove(machine: Machine): Ended {
  return succeeds(machine.run(script("remove.sh")));
}

/** Runs lines of bash after the watcher's functions. */
export function runLines(machine: Machine, lines: string, rules: Rule[] = []): Ended {
  return machine.run(`${text.slice(0, end)}\n${lines}\n`, rules);
}

/** Writes a time this many seconds from now. */
export function writeMoment(machine: Machine, name: string, fromNow: number): number {
  const moment = Math.floor(Date.now() / 1000) + fromNow;
  machine.write(`${FOLDER}/${name}`, `${moment}\n`);
  return moment;
}
