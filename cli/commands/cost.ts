import type { Argv } from "yargs";
import { readPrice } from "../cluster/cluster";
import { costOf, costText } from "../cluster/cost";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";

export const builder = (args: Argv<Common>) =>
  args
    .option("json", { type: "boolean", description: "Print JSON" })
    .usage(
      "$0 cost\n\nShows what the cluster costs an hour, part by part, and a month, and what it has cost since its manager was made, at the prices of its last `pulumi up`. Traffic is not in it.",
    );

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const now = new Date();
  const cost = costOf(await readPrice(args.stack), now);
  console.log(args.json ? JSON.stringify(cost) : costText(cost, now));
  return exitCodes.ok;
}
