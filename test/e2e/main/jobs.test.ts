import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedAnswer } from "../../examples/python";
import { mainCluster } from "../harness/main-cluster";
import { endPrograms, eventually, type Program, succeed } from "../harness/programs";
import { folder, repository, type Stack } from "../harness/stack";

const job = (name: string) => join(__dirname, "../jobs", name);
const example = (name: string) => join(repository, "examples", name);
/** One executor, where more would test nothing else. */
const ONE_CORE = ["--conf", "spark.cores.max=1"];
const flights = join(repository, "node_modules/vega-datasets/data/flights-3m.parquet");

describe("Jobs that end by themselves", function () {
  this.timeout("25m");
  let stack: Stack;
  let tooLarge: Program;
  before("a cluster", async () => {
    stack = await mainCluster();
    // Started here, since the explanation comes after half a minute.
    const memory = ["--conf", "spark.executor.memory=50g"];
    tooLarge = stack.start(["submit", example("pi.py"), ...memory], { seconds: 400 });
  });
  after(endPrograms);

  it("give the same results as pandas, on data that copy put on every host", async () => {
    const copied = await stack.sparkSwarm(["copy", flights]);
    equal(copied.status, 0, copied.output);
    const { status, stdout, output } = await stack.sparkSwarm(["submit", example("flights.py")]);
    equal(status, 0, output);
    const expected = expectedAnswer("test/examples/expected_flights.py", flights);
    equal(stdout.trim().split("\n").at(-1), expected);
  });

  it("can be a jar", async () => {
    const jar = join(folder, "sum-of-squares.jar");
    await compileScala(job("SumOfSquares.scala"), jar);
    const main = ["--class", "example.SumOfSquares"];
    const submit = ["submit", jar, ...ONE_CORE, ...main, "--", "1000"];
    const { status, stdout } = await stack.sparkSwarm(submit);
    equal(status, 0);
    equal(stdout.trim(), "333833500");
  });

  it("start with the image's class archive, like Spark's own programs", async () => {
    const { status, stdout } = await stack.sparkSwarm(["submit", job("ready_classes.py")]);
    deepEqual([status, stdout], [0, "driver True executors [True]\n"]);
    for (const [host, part, pattern] of [
      ["manager", "master", "[d]eploy.master"],
      ["manager", "history", "[d]eploy.history"],
      ["manager", "metastore", "[G]atewayServer"],
      ["worker-0", "worker", "[d]eploy.worker"],
    ] as const) {
      const find = `cat /proc/$(pgrep -f "${pattern}" | head -n 1)/maps | grep -c spark.jsa`;
      const ask = `docker exec $(docker ps -qf name=spark_${part}) sh -c '${find}'`;
      ok(Number(await stack.onHost(host, ask)) > 0, part);
    }
  });

  it("end submit with their own exit status", async () => {
    const jobs = {
      "ends-with-3.py": "raise SystemExit(3)\n",
      "broken.py": 'raise ValueError("so")\n',
    };
    const outcomes = Object.entries(jobs).map(async ([name, text]) => {
      writeFileSync(join(folder, name), text);
      return stack.sparkSwarm(["submit", name, ...ONE_CORE]);
    });
    const [ending, broken] = await Promise.all(outcomes);
    equal(ending?.status, 3);
    equal(broken?.status, 1);
    match(broken.output, /ValueError: so/);
  });

  it("explain when no worker is large enough", async () => {
    await tooLarge.says(/It asks for executors with 50 GB[\s\S]*No worker is large enough/, 75);
    tooLarge.signal("SIGINT");
    equal((await tooLarge.ended).status, 130);
  });
});

describe("Jobs that are watched and stopped", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
  });
  afterEach(endPrograms);

  /** Fails while something of a job is left on the cluster. */
  async function nothingIsLeft(): Promise<void> {
    const left = await stack.onHost(
      "manager",
      "docker ps -a --filter label=spark-swarm.driver --format '{{.Names}}'; ls /var/lib/spark-swarm/jobs /dev/shm/spark-swarm",
    );
    equal(left.replace(/^\/.*:$/gm, "").trim(), "", "containers and directories of jobs");
    const { applications, drivers, workers } = await stack.status();
    deepEqual({ applications, drivers }, { applications: [], drivers: [] });
    for (const { host, coresUsed } of workers) equal(coresUsed, 0, host);
  }

  it("show their output while they run", async () => {
    const program = stack.start(["submit", job("ticks.py"), ...ONE_CORE], { seconds: 120 });
    await program.says(/^tick 0$/m, 60);
    ok(!program.output.includes("tick 9"), "the last line comes later than the first");
    const { status, stdout } = await program.ended;
    equal(status, 0);
    equal(stdout, Array.from({ length: 10 }, (_, tick) => `tick ${tick}\n`).join(""));
  });

  it("are stopped by Ctrl-C, and leave nothing", async () => {
    const program = stack.start(["submit", job("until_released.py"), "--", "never"], {
      seconds: 120,
    });
    await program.says(/^round 1$/m, 60);
    const { applications } = await stack.status();
    deepEqual(
      applications.map(({ name, state }) => `${name} ${state}`),
      ["until released RUNNING"],
    );
    program.signal("SIGINT");
    const { status } = await program.ended;
    equal(status, 130);
    await eventually(15, nothingIsLeft);
  });

  it("are stopped when the submitting machine disappears, and leave nothing", async () => {
    const program = stack.start(["submit", job("until_released.py"), "--", "never"], {
      seconds: 120,
    });
    await program.says(/^round 1$/m, 60);
    program.signal("SIGKILL");
    await eventually(60, nothingIsLeft);
  });
});

/** Compiles a Scala file to a jar with the compiler in Spark's own jars. */
async function compileScala(source: string, jar: string): Promise<void> {
  const setup = await succeed([join(repository, "scripts/setup/python-env")], { seconds: 300 });
  const library = join(setup.trim(), "lib");
  const python = readdirSync(library).find((name) => name.startsWith("python3."));
  const jars = join(library, python ?? "", "site-packages/pyspark/jars/*");
  const compiler = ["java", "-cp", jars, "scala.tools.nsc.Main", "-usejavacp", "-d", jar, source];
  await succeed(compiler, { seconds: 120 });
}
