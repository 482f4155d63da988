import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import type { EmulatedCloud } from "../../emulators/daemon";
import { CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { endPrograms, eventually } from "../harness/programs";
import { repository } from "../harness/stack";

/** The emulated market's price for a t3.medium, US dollars an hour. */
const SPOT_PRICE = 0.01456;
/** Half a minute on two cores. */
const JOB = [join(repository, "test/e2e/jobs/shuffles.py"), "--", "1000000", "10"];
/**
 * As many tasks may end while their output is being migrated: Spark may then forget where it is (SPARK-57994). Without
 * migration, everything that the worker has made in five rounds would be made again.
 */
const WORKER_CORES = 2;

describe("A cluster of spot instances", function () {
  this.timeout("25m");
  let cloud: EmulatedCloud;
  let stack: CloudStack;
  before("an emulated cloud", async () => {
    cloud = await cloudWithSnapshot("aws", { boot: 0 });
    stack = await new CloudStack("spot", "aws", cloud).create({ storage: "none" });
  });
  afterEach(endPrograms);
  after(() => cloud?.stop());

  /** The zones in which workers would be bought. */
  async function plannedMarket(): Promise<string> {
    const { steps } = JSON.parse(await stack.pulumi(["preview", "--json"])) as Plan;
    const name = `Instance::${stack.container("worker-1")}`;
    const worker = steps.find(({ newState }) => newState?.urn.endsWith(name))?.newState;
    ok(worker);
    return worker.inputs.instanceMarketOptions?.marketType ?? "on demand";
  }

  it("is not bought above its maximum price, but on demand if configured", async () => {
    await stack.configure("workers.spot.maxPrice", "0.01");
    const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"], 60);
    notEqual(status, 0, output);
    match(
      output,
      /workers\.spot\.maxPrice: the spot price is \$0\.01456 an hour, above the \$0\.01 allowed/,
    );
    match(output, /pulumi config set --path workers\.spot\.fallback on-demand/);
    deepEqual(await cloud.state(), []);
    await stack.configure("workers.spot.fallback", "on-demand");
    equal(await plannedMarket(), "on demand");
    await stack.configure("workers.spot.maxPrice", "0.02");
    equal(await plannedMarket(), "spot");
  });

  it("is bought at the market's price; only its manager on demand", async () => {
    await stack.up();
    const { parts } = JSON.parse(await stack.pulumi(["stack", "output", "hourlyCost", "--json"]));
    deepEqual(parts.slice(0, 2), [
      { what: "compute", item: "manager: t3.medium", count: 1, each: 0.0416, hourly: 0.0416 },
      {
        what: "compute",
        item: "workers: t3.medium (spot)",
        count: 2,
        each: SPOT_PRICE,
        hourly: 0.0291,
      },
    ]);
    for (const [host, life] of [
      ["manager", "on-demand"],
      ["worker-0", "spot"],
      ["worker-1", "spot"],
    ] as const) {
      equal(await stack.onHost(host, LIFE_CYCLE), life, host);
    }
  });

  it("repeats at most the running tasks of a worker that is interrupted in the middle of a shuffle", async () => {
    const taken = await stack.containerOf("worker-1");
    const program = stack.start(["submit", ...JOB], { seconds: 300 });
    await program.says(/^round 5 /m, 120);
    // As long as EC2's own notice.
    await cloud.control(`machines/${stack.container("worker-1")}/spot-notice`, { seconds: 120 });
    // The machine drains its node before it ends.
    await eventually(20, async () =>
      ok((await stack.nodes()).includes("worker-1 Ready Drain"), `${await stack.nodes()}`),
    );
    const { status, stdout, output } = await program.ended;
    equal(status, 0, output);
    const { wrong, repeated } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    equal(wrong, 0, output);
    ok(repeated <= WORKER_CORES, output);

    await eventually(60, async () => {
      const names = (await cloud.state()).map(({ name }) => name);
      ok(!names.includes(stack.container("worker-1")), `${taken} is still there`);
    });
  });

  it("gets another worker by the next up", async () => {
    const { status, output } = await stack.sparkSwarm(["status"]);
    equal(status, 1);
    match(output, /worker-1 does not answer/);
    await stack.up();
    deepEqual(await stack.nodes(), [
      "manager Ready Active",
      "worker-0 Ready Active",
      "worker-1 Ready Active",
    ]);
    await stack.isWell();
    await stack.destroy();
    deepEqual(await cloud.state(), []);
  });
});

/** The metadata service's answer. */
const LIFE_CYCLE = `
  token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' 169.254.169.254/latest/api/token)
  curl -sf -H "X-aws-ec2-metadata-token: $token" 169.254.169.254/latest/meta-data/instance-life-cycle`;

/** The output of `pulumi preview --json`, as far as it is read here. */
interface Plan {
  steps: {
    newState?: { urn: string; inputs: { instanceMarketOptions?: { marketType: string } } };
  }[];
}
