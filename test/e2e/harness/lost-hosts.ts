import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { Cluster } from "../../../program/outputs";
import type { Stack } from "./stack";

/** Checks that this host, and no other, was replaced. */
export async function isReplaced(stack: Stack, host: string, former: Cluster): Promise<void> {
  const now = await stack.cluster();
  for (const [index, { name, id }] of now.workers.entries()) {
    const before = former.workers[index]?.id;
    if (name === host) notEqual(id, before, `${name} is another one`);
    else equal(id, before, `${name} is the same`);
  }
  const hosts = ["manager", ...former.workers.map(({ name }) => name)];
  deepEqual(
    await stack.nodes(),
    hosts.map((one) => `${one} Ready Active`),
  );
}

/** Checks that `status` reports that this host, and no other, does not answer. */
export async function isReported(stack: Stack, host: string): Promise<void> {
  const { exitStatus, problems } = await stack.status();
  equal(exitStatus, 1);
  const hosts = problems.flatMap(
    (problem) => /Host (\S+) does not answer/.exec(problem)?.[1] ?? [],
  );
  deepEqual(hosts, [host], problems.join("\n"));
}
