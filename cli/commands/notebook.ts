import { join } from "node:path";
import type { Argv } from "yargs";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import { exitCodes } from "../exit-codes";
import type { Common } from "../options";
import { browserSession } from "../pages/browser-session";
import { forward } from "../pages/forward";
import { NOTEBOOK } from "../pages/pages";
import { remoteCommand } from "../ssh/remote-command";
import { Ssh } from "../ssh/ssh";

export const builder = (args: Argv<Common>) =>
  args
    .option("browser", {
      type: "boolean",
      default: true,
      description: "Open Chromium or Chrome; --no-browser prints an address for any browser",
    })
    .usage(
      "$0 notebook\n\nOpens JupyterLab on the cluster. With --no-browser, forwards a local port to it until Ctrl-C.",
    )
    .example("$0 notebook", "In Chromium or Chrome")
    .example("$0 notebook --no-browser", "A local address for any browser");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  if (ssh.cluster.cloud !== "local") {
    console.error(
      "Notebooks are deleted with the cluster. Copy them to this machine with `spark-swarm notebooks pull`.",
    );
  }
  const page = `lab?token=${encodeURIComponent(await askToken(ssh))}`;
  if (args.browser) {
    return browserSession(`http://${NOTEBOOK.host}:${NOTEBOOK.port}/${page}`, args.stack);
  }
  return forward(ssh, NOTEBOOK, (port) => {
    console.log(`http://localhost:${port}/${page}`);
    console.error("Ctrl-C closes the tunnel; the notebook keeps running.");
  });
}

async function askToken(ssh: Ssh): Promise<string> {
  const { manager } = ssh.cluster;
  const answer = await ssh.run(
    manager.name,
    remoteCommand(join(__dirname, "../pages/notebook-token.sh")),
  );
  if (answer.status === 0) return answer.stdout.trim();
  const code = answer.status === exitCodes.noCluster ? "noCluster" : "failed";
  throw new CliError(code, answer.stderr.trim());
}
