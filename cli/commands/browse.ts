import type { Argv } from "yargs";
import type { Common } from "../options";
import { browserSession } from "../pages/browser-session";

export const builder = (args: Argv<Common>) =>
  args
    .positional("url", {
      type: "string",
      default: "http://master:8080",
      description: "The page to open",
    })
    .usage(
      "$0 browse [URL]\n\nOpens Chromium or Google Chrome, with its own profile, inside the cluster's network. If no tunnel is open, opens one and closes it with the browser.",
    )
    .example("$0 browse", "The master's page")
    .example("$0 browse http://history:18080", "The history server");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export const run = (args: Args): Promise<number> => browserSession(args.url, args.stack);
