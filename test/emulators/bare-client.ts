import { join } from "node:path";
import type { Machine, Machines } from "../../emulators/clouds/contract";
import type { Options } from "../../emulators/clouds/daemon";
import { EmulatedCloud } from "./daemon";

const root = join(__dirname, "../..");

/** Starts the cloud of bare-cloud.ts. */
export function startBareCloud(options: Partial<Options> = {}): Promise<EmulatedCloud> {
  const whole: Options = {
    bootSeconds: 0,
    provisionSeconds: 0,
    machines: "containers",
    seed: undefined,
    attached: true,
    ...options,
  };
  const program = ["--require", join(root, "transpile.cjs"), join(__dirname, "bare-cloud.ts")];
  return EmulatedCloud.start(["node", ...program, JSON.stringify(whole)]);
}

/** A method of the cloud's machines. */
export async function call<Name extends keyof Machines>(
  cloud: EmulatedCloud,
  method: Name,
  ...args: unknown[]
): Promise<Awaited<ReturnType<Machines[Name]>>> {
  const response = await fetch(`${cloud.env.ENDPOINT}/${method}`, {
    method: "POST",
    body: JSON.stringify(args),
    headers: { "content-type": "application/json" },
  });
  const answer = (await response.json()) as { result: Awaited<ReturnType<Machines[Name]>> };
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer.result;
}

const script = (...lines: string[]) => ["#!/usr/bin/env bash", ...lines, ""].join("\n");
/** A file on the machine records how often its user data has run, and in what environment. */
export const USER_DATA = script("echo ran >>/root/runs", `echo "HOME=\${HOME-unset}" >>/root/runs`);

export function create(cloud: EmulatedCloud, id: string, spec: object = {}): Promise<Machine> {
  return call(cloud, "create", {
    id,
    name: `machine-${id}`,
    hostname: `machine-${id}`,
    cpus: 1,
    memoryMb: 1024,
    image: "docker",
    network: "vpc",
    userData: USER_DATA,
    firewall: {},
    metadataForContainers: true,
    ...spec,
  });
}
