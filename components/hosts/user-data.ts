import { join } from "node:path";
import { type Input, interpolate, type Output, secret } from "@pulumi/pulumi";
import { scriptText } from "../script";

/** The variables that `user-data.sh` reads. The head of that file describes them. */
export interface UserDataVariables {
  NAME: Input<string>;
  HOST_KEY: Input<string>;
  AUTHORIZED_KEY: Input<string>;
  HOST_CPUS: Input<string>;
  HOST_MEMORY_MB: Input<string>;
  PRIVATE_RANGE?: Input<string>;
}

export interface ManagerVariables extends UserDataVariables {
  JOIN_PUBLIC_KEY: Input<string>;
}

export interface WorkerVariables extends UserDataVariables {
  JOIN_KEY: Input<string>;
  MANAGER: Input<string>;
  MANAGER_HOST_KEY: Input<string>;
  SPOT?: Input<string>;
}

/**
 * The user data of a host: the host's variables, then the same script on every cloud. Secret, since it
 * holds the host's SSH host key and, on workers, the join key.
 */
export function userData(role: "manager", variables: ManagerVariables): Output<string>;
export function userData(role: "worker", variables: WorkerVariables): Output<string>;
export function userData(
  role: "manager" | "worker",
  variables: ManagerVariables | WorkerVariables,
): Output<string> {
  const text = scriptText(join(__dirname, "user-data.sh"), { ROLE: role, ...variables });
  return secret(interpolate`#!/usr/bin/env bash\n${text}`);
}
