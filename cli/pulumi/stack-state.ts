import { z } from "zod";
import { clouds } from "../../program/clouds";
import { pulumi } from "./pulumi";

/** The types of resources that are hosts, on every cloud. */
const hostTypes: string[] = Object.values(clouds).map(({ hostType }) => hostType);

const span = z.number().nullish();
const resource = z.object({
  type: z.string(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const moment = z.iso.datetime();
const lifetime = z.object({ since: moment, ttl: span, idle: span });
const watch = z.object({ since: moment.optional() });
const exported = z.object({ deployment: z.object({ resources: z.array(resource).optional() }) });

/** A stack according to Pulumi's state. */
export interface StackState {
  empty: boolean;
  /** Whether the cluster can be asked; without one, `up` has failed or is still running. */
  complete: boolean;
  /**
   * The configuration of the last `up`, and when the manager was created, or, if there is none yet, when the stack was
   * filled; `ttl` and `idle` in seconds. Missing if the stack has no cluster.
   */
  lifetime?: { since: Date; ttl?: number; idle?: number };
}

export async function readState(stack: string): Promise<StackState> {
  return parseState(await pulumi(["stack", "export", "--stack", stack]));
}

/** Reads what `pulumi stack export` prints. */
export function parseState(json: string): StackState {
  const { resources = [] } = exported.parse(JSON.parse(json)).deployment;
  const outputsOf = (type: string) => resources.find((one) => one.type === type)?.outputs;
  const found = outputsOf("spark-swarm:lifetime:Lifetime");
  const { since: filled, ttl, idle } = found ? lifetime.parse(found) : {};
  const { since = filled } = watch.parse(outputsOf("spark-swarm:lifetime:LifetimeWatch") ?? {});
  return {
    empty: resources.length === 0,
    complete: outputsOf("pulumi:pulumi:Stack")?.cluster !== undefined,
    lifetime: filled
      ? { since: new Date(since ?? filled), ttl: ttl ?? undefined, idle: idle ?? undefined }
      : undefined,
  };
}

const refresh = z.object({
  steps: z.array(
    z.object({
      oldState: z.object({ type: z.string() }).optional(),
      newState: z
        .object({ outputs: z.object({ mustRun: z.boolean().optional() }).optional() })
        .optional(),
    }),
  ),
});

/** How many of a stack's hosts remain, according to the cloud. Changes nothing, not even the state. */
export async function hostsLeft(stack: string): Promise<number> {
  return parseRefresh(
    await pulumi(["refresh", "--preview-only", "--json", "--parallel", "200", "--stack", stack]),
  );
}

/** Reads what `pulumi refresh --preview-only --json` prints. */
export function parseRefresh(json: string): number {
  const { steps } = refresh.parse(JSON.parse(json));
  return steps.filter(
    ({ oldState, newState }) =>
      oldState &&
      hostTypes.includes(oldState.type) &&
      newState &&
      // A container that has ended is reported like this: it is no longer a host.
      newState.outputs?.mustRun !== false,
  ).length;
}

const listed = z.array(z.object({ name: z.string() }));

/** The names of this project's stacks in the backend. */
export async function stackNames(): Promise<string[]> {
  const json = await pulumi(["stack", "ls", "--json"]);
  return listed.parse(JSON.parse(json)).map(({ name }) => name);
}
