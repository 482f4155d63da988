import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Input, interpolate, type Output, output, secret } from "@pulumi/pulumi";

/** The variables that `user-data.sh` reads; its head says what each is. */
export interface UserDataVariables {
  NAME: Input<string>;
  HOST_KEY: Input<string>;
  AUTHORIZED_KEY: Input<string>;
  HOST_CPUS?: Input<string>;
  HOST_MEMORY_MB?: Input<string>;
}

export interface ManagerVariables extends UserDataVariables {
  JOIN_PUBLIC_KEY: Input<string>;
}

export interface WorkerVariables extends UserDataVariables {
  JOIN_KEY: Input<string>;
  MANAGER: Input<string>;
  MANAGER_HOST_KEY: Input<string>;
}

/**
 * The user data of a host: the same script on every cloud below the host's own variables. Secret, since it
 * holds the host's SSH host key and, on workers, the join key.
 */
export function userData(role: "manager", variables: ManagerVariables): Output<string>;
export function userData(role: "worker", variables: WorkerVariables): Output<string>;
export function userData(
  role: "manager" | "worker",
  variables: ManagerVariables | WorkerVariables,
): Output<string> {
  const script = readFileSync(join(__dirname, "user-data.sh"), "utf8");
  const assignments = output({ ROLE: role, ...variables }).apply((values) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${shellQuote(value)}`)
      .join("\n"),
  );
  return secret(interpolate`#!/usr/bin/env bash\n${assignments}\n\n${script}`);
}

/** Quotes a text for POSIX shells: nothing is special inside single quotes but their end. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
