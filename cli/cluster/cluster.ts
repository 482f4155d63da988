import type { z } from "zod";
import type { Access, Priced } from "../../program/outputs";
import { CliError } from "../errors";
import { pulumi } from "../pulumi/pulumi";

/** Reads the connection data of a stack's cluster; of the selected stack when none is named. */
export async function readCluster(stack?: string): Promise<Access> {
  // Loaded late, so that `--help` stays fast.
  const json = await readOutputs(stack, "--show-secrets");
  return parseOutputs((await import("../../program/outputs")).accessSchema, json, stack);
}

/** Reads the cost of a stack's cluster. */
export async function readPrice(stack?: string): Promise<Priced> {
  const json = await readOutputs(stack);
  return parseOutputs((await import("../../program/outputs")).pricedSchema, json, stack);
}

async function readOutputs(stack?: string, ...options: string[]): Promise<string> {
  const tell = process.stderr.isTTY;
  if (tell) process.stderr.write("asking Pulumi where the cluster is …");
  try {
    const named = stack ? ["--stack", stack] : [];
    return await pulumi(["stack", "output", "--json", ...options, ...named]);
  } finally {
    if (tell) process.stderr.write("\r\x1b[K");
  }
}

/** Validates Pulumi's output. */
export function parseOutputs<Schema extends z.ZodType>(
  schema: Schema,
  json: string,
  stack?: string,
): z.infer<Schema> {
  const outputs: unknown = JSON.parse(json);
  const name = stack ? `stack ${stack}` : "the selected stack";
  if (typeof outputs !== "object" || outputs === null || !("cluster" in outputs)) {
    throw new CliError(
      "noCluster",
      `No cluster is up on ${name}. Create one with \`pulumi up\`, or choose another stack with --stack.`,
    );
  }
  const parsed = schema.safeParse(outputs);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".")}: ${issue.message}`,
    );
    throw new CliError(
      "noCluster",
      `The outputs of ${name} are incomplete. \`pulumi up\` repairs them. ${problems.join("; ")}`,
    );
  }
  return parsed.data;
}

/** The stack's name, also when no cluster is up on it. */
export async function stackName(stack?: string): Promise<string> {
  return stack ?? (await pulumi(["stack", "--show-name"])).trim();
}
