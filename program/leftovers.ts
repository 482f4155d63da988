import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { getOrganization, getProject, getStack, log, runtime } from "@pulumi/pulumi";
import { z } from "zod";
import type { Sweep } from "../components/hosts/sweep";
import { tagResource } from "../components/hosts/tag";

const text = z.string().catch("");
const outputs = z.looseObject({ id: text, stdout: text });
const answer = z.object({
  outputs: z.record(z.string(), z.object({ type: z.string(), outputs })).default({}),
});
const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), id: text, delete: z.boolean().optional() })),
  }),
});

/**
 * Removes resources that carry the stack's tag but are not in its state, before anything is registered. A cloud had
 * created them, or not yet deleted them, when Pulumi was killed or got an error. They would occupy names or cost money.
 * A preview only warns of them.
 *
 * @throws Error with the cloud's message when they cannot be listed or removed
 */
export async function removeLeftovers(sweep: Sweep): Promise<void> {
  const { tag, known } = await lastUpdate();
  if (tag === undefined) return;
  const found = await run(sweep, { TAG: tag, KNOWN: known.join("\n"), DRY_RUN: "yes" });
  if (found.length === 0) return;
  const preview = runtime.isDryRun();
  const staying = [...known, ...(await pendingDeletions())].join("\n");
  const variables = { TAG: tag, KNOWN: staying, DRY_RUN: preview ? "yes" : "" };
  for (const one of await run(sweep, variables)) {
    log.warn(
      preview
        ? `The ${one} carries this stack's tag, but is not in Pulumi's state. A failed or interrupted update may have left it. The next update or destroy removes it.`
        : `The ${one} was removed. A failed or interrupted update had left it.`,
    );
  }
}

/**
 * The tag of the stack's hosts, undefined before they are first created, and a line "TYPE ID" for each resource of the
 * last update. Uses the engine's own function, since `pulumi stack export` starts another Pulumi.
 */
async function lastUpdate(): Promise<{ tag: string | undefined; known: string[] }> {
  const read = await runtime.invoke(
    "pulumi:pulumi:readStackResourceOutputs",
    { stackName: self() },
    { async: true },
  );
  const resources = Object.entries(answer.parse(read).outputs);
  const own = `command:local:Command::${tagResource(`${getProject()}-${getStack()}`)}`;
  const command = resources.find(([urn]) => urn.endsWith(own));
  return {
    tag: command?.[1].outputs.stdout || undefined,
    known: resources.map(([, resource]) => `${resource.type} ${resource.outputs.id}`),
  };
}

/** Replaced resources that the engine has not deleted yet. Its function leaves them out. */
async function pendingDeletions(): Promise<string[]> {
  const state = await output("pulumi", ["stack", "export", "--stack", self()]).catch(
    (error: Error) => {
      throw new Error(
        `Resources that carry this stack's tag may be left over, but the resources that Pulumi will still delete cannot be listed (${error.message}). Nothing was removed.`,
      );
    },
  );
  const { resources } = exported.parse(JSON.parse(state)).deployment;
  return resources.flatMap((one) => (one.delete ? `${one.type} ${one.id}` : []));
}

/** This stack's full name: the user's own organization may have another stack of this name. */
function self(): string {
  return `${getOrganization()}/${getProject()}/${getStack()}`;
}

async function run(sweep: Sweep, variables: Record<string, string>): Promise<string[]> {
  const script = readFileSync(sweep.script, "utf8");
  const environment = { ...sweep.environment, ...variables };
  const found = await output("sh", ["-c", sweep.command], script, environment);
  return found.split("\n").filter(Boolean);
}

function output(
  program: string,
  args: string[],
  input = "",
  environment: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, maxBuffer: 2 ** 28 };
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      error ? reject(new Error(stderr.trim() || error.message)) : resolve(stdout),
    );
    child.stdin?.on("error", () => {}).end(input);
  });
}
