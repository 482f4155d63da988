import ms, { type StringValue } from "ms";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { extendLifetime, GIVE_IT_ONE, showLifetime } from "../cluster/lifetime";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { Ssh } from "../ssh/ssh";
import { duration, localTime } from "../terminal/units";

export const builder = (args: Argv<Common>) =>
  args
    .positional("duration", {
      type: "string",
      demandOption: true,
      description: "The time to add: 30m, 2h, 1d",
      coerce: seconds,
    })
    .usage(
      "$0 extend DURATION\n\nExtends the cluster's lifetime by DURATION. The cluster still ends earlier if it is idle for the configured time.",
    )
    .example("$0 extend 2h", "Add two hours");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  const { stack } = ssh.cluster;
  const before = await showLifetime(ssh);
  if (before.ending) {
    throw new CliError("failed", `The cluster of stack ${stack} is ending now.`);
  }
  if (before.ends === null) {
    throw new CliError(
      "failed",
      `The cluster of stack ${stack} has no end time to extend. ${GIVE_IT_ONE}`,
    );
  }
  const { now, ends } = await extendLifetime(ssh, args.duration);
  if (ends === null) throw new Error("the manager has no record of the cluster's end");
  console.log(
    `The cluster of stack ${stack} ends at ${localTime(new Date(ends * 1000))}, in ${duration((ends - now) * 1000)}.`,
  );
  return exitCodes.ok;
}

/** A duration in seconds. A number without a unit, which the library would read as milliseconds, is refused. */
export function seconds(text: string): number {
  const milliseconds = /[a-z]$/i.test(text) ? ms(text as StringValue) : undefined;
  if (milliseconds !== undefined && milliseconds >= 1000) return Math.round(milliseconds / 1000);
  throw new CliError(
    "usage",
    `${text}: a duration must be a number and a unit, such as 30m, 2h or 1d.`,
  );
}
