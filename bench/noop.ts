import { join } from "node:path";
import { createStack, root, up } from "./cluster";
import { byTurns, type Comparison, say } from "./measure";

const ROUNDS = 5;
const EMPTY = join(root, "bench", "empty");

/** `pulumi up` with nothing to do, against the same for a program without resources. */
export async function compareNoop(): Promise<Comparison> {
  say(`noop: pulumi up with nothing to do, ${ROUNDS} rounds`);
  await createStack(EMPTY);
  await up(EMPTY);
  await unchanged(root);
  const measured = await byTurns(
    ROUNDS,
    () => unchanged(root),
    () => unchanged(EMPTY),
  );
  return {
    what: "noop: pulumi up against an empty program's",
    ...measured,
    aim: 1.5,
    notes: [
      "ours has `refresh: always`, so it also asks the Docker engine about every host; the empty program has nothing to ask about",
    ],
  };
}

async function unchanged(project: string): Promise<number> {
  const { stdout, seconds } = await up(project);
  const summary = stdout.slice(stdout.indexOf("Resources:")).split("\n").slice(1, 3).join(" ");
  if (!/^ +\d+ unchanged/.test(summary)) {
    throw new Error(`this \`pulumi up\` was to change nothing, but: ${summary}`);
  }
  return seconds;
}
