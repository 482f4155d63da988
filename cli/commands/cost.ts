import type { Argv } from "yargs";
import { readPrice } from "../cluster/cluster";
import { costOf, costText } from "../cluster/cost";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";

export const builder = (args: Argv<Common>) =>
  args
    .option("json", { type: "boolean", description: "Print JSON" })
    .usage(
      "$0 cost\n\nShows the cluster's cost per hour, by part, and per month, and its cost since the manager was created, at the prices of the last `pulumi up`. Traffic is not included.",
    );

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const now = new Date();
  const cost = costOf(await readPrice(args.stack), now);
  console.log(args.json ? JSON.stringify(cost) : costText(cost, now));
  return exitCodes.ok;
}
