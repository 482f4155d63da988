import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shellQuote } from "../../../components/script";
import { Machine } from "./machine";
import type { Ended, Rule } from "./shell";

const text = readFileSync(join(__dirname, "../../../components/hosts/user-data.sh"), "utf8");
/** The end of its functions and the start of its main part. */
const WORK = "\nif [[ -d /run/systemd/system && $0 !=";
const end = text.indexOf(WORK);
if (end < 0) throw new Error("user-data.sh does not begin its work as it did");

export type Variables = Record<string, string>;

const COMMON = { HOST_KEY: "host key", AUTHORIZED_KEY: "ssh-ed25519 client" };
export const MANAGER = { ...COMMON, ROLE: "manager", NAME: "manager", JOIN_PUBLIC_KEY: "join key" };
export const WORKER = {
  ...COMMON,
  ROLE: "worker",
  NAME: "worker-0",
  JOIN_KEY: "private join key",
  MANAGER: "10.108.0.100",
  MANAGER_HOST_KEY: "ssh-ed25519 manager",
};
/** The variable that clouds add. */
export const ON_CLOUD = { PRIVATE_RANGE: "10.108.0.0/20" };

/** The output of `ip` for a host's address in the private network. */
export const ADDRESS: Rule = {
  when: "ip -o -4 addr show to 10.108.0.0/20",
  answer:
    "3: eth1    inet 10.108.0.7/20 brd 10.108.15.255 scope global eth1\\\\       valid_lft forever preferred_lft forever\n",
};

/** A new machine of a cloud, before its user data has run. */
export function freshMachine(files: Record<string, string> = {}): Machine {
  return new Machine({
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/hostname": "fresh\n",
    "/var/lib/cloud/data/instance-id": "i-0123\n",
    // Pulumi's file on a manager, without bootstrap actions.
    "/usr/local/lib/spark-swarm/i-0123/bootstrap": "",
    ...files,
  });
}

/** The complete user data. */
export function userDataOf(variables: Variables): string {
  return `#!/usr/bin/env bash\n${assignments(variables)}\n${text}`;
}

/** Runs lines of bash after the script's functions. */
export function runLines(
  machine: Machine,
  variables: Variables,
  lines: string,
  rules: Rule[] = [],
): Ended {
  const functions = text.slice(0, end);
  return machine.run(
    `#!/usr/bin/env bash\n${assignments(variables)}\n${functions}\n${lines}\n`,
    rules,
  );
}

function assignments(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${shellQuote(value)}`)
    .join("\n");
}
