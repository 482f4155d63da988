import type { Argv } from "yargs";
import { PORTS } from "../../components/facts";
import { readCluster } from "../cluster/cluster";
import { CliError } from "../errors";
import type { Common } from "../options";
import { forward } from "../pages/forward";
import type { Page } from "../pages/pages";
import { Ssh } from "../ssh/ssh";

/** How to install a client; see docs/workloads.md for the reasons. */
const CLIENT = "pip install 'pyspark[connect]==3.5.9' 'pyarrow<25' 'setuptools<81'";

/** The Spark Connect server on the overlay. */
const CONNECT: Page = { title: "connect", host: "connect", port: PORTS.connect };

export const builder = (args: Argv<Common>) =>
  args
    .usage(
      `$0 connect\n\nForwards a local port to the cluster's Spark Connect server and prints its address. Runs until Ctrl-C. Clients need only ${CLIENT}. Spark 4 clients do not work.`,
    )
    .example("$0 connect", "sc://localhost:15002 for SparkSession.builder.remote");

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function run(args: Args): Promise<number> {
  const ssh = new Ssh(await readCluster(args.stack));
  const { manager } = ssh.cluster;
  const service = await ssh.run(manager.name, "docker service inspect connect_server >/dev/null");
  if (service.status !== 0) {
    throw new CliError(
      "noCluster",
      "No Spark Connect server is running. Start one with: pulumi config set connect true && pulumi up",
    );
  }
  return forward(ssh, CONNECT, (port) => {
    const address = `localhost:${port}`;
    console.log(`sc://${address}`);
    console.error(
      `For Spark 3.5 clients, not Spark 4: ${CLIENT}\nTry: python3 -c 'from pyspark.sql import SparkSession; print(SparkSession.builder.remote("sc://${address}").getOrCreate().range(10).count())'`,
    );
  });
}
