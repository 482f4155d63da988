import type { z } from "zod";
import type { clusterSchema } from "./cluster-schema";
import { CliError } from "./errors";
import { pulumi } from "./pulumi";

export type Cluster = z.infer<typeof clusterSchema>;
export type Worker = Cluster["workers"][number];

/** A cluster that is up, and the key to it. */
export interface Access {
  cluster: Cluster;
  privateKey: string;
}

/** Reads a stack's outputs: of the selected stack, when none is named. */
export async function readCluster(stack?: string): Promise<Access> {
  const tell = process.stderr.isTTY;
  if (tell) process.stderr.write("asking Pulumi where the cluster is …");
  try {
    const named = stack ? ["--stack", stack] : [];
    const json = await pulumi(["stack", "output", "--json", "--show-secrets", ...named]);
    return await parseOutputs(json, stack);
  } finally {
    if (tell) process.stderr.write("\r\x1b[K");
  }
}

/** Checks what Pulumi said. The schema library is loaded here, to keep `--help` quick. */
export async function parseOutputs(json: string, stack?: string): Promise<Access> {
  const outputs: unknown = JSON.parse(json);
  const name = stack ? `stack ${stack}` : "the selected stack";
  if (typeof outputs !== "object" || outputs === null || !("cluster" in outputs)) {
    throw new CliError(
      "noCluster",
      `No cluster is up on ${name}: \`pulumi up\` brings one up, \`--stack\` names another stack.`,
    );
  }
  const { outputsSchema } = await import("./cluster-schema");
  const parsed = outputsSchema.safeParse(outputs);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".")}: ${issue.message}`,
    );
    throw new CliError(
      "noCluster",
      `The outputs of ${name} are not those of a complete cluster; \`pulumi up\` mends that. ${problems.join("; ")}`,
    );
  }
  return parsed.data;
}

/** The stack's name, also when no cluster is up on it. */
export async function stackName(stack?: string): Promise<string> {
  return stack ?? (await pulumi(["stack", "--show-name"])).trim();
}
