import { equal, match, ok } from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mainCluster } from "../harness/main-cluster";
import { succeed } from "../harness/programs";
import { folder, repository, type Stack } from "../harness/stack";

const ONE_CORE = ["--total-executor-cores", "1"];
const job = (name: string) => join(__dirname, "../jobs", name);
const last = (stdout: string) => stdout.trim().split("\n").at(-1);

describe("Programs of users", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
    cpSync(job("project"), join(folder, "project"), { recursive: true });
  });

  const submit = (...words: string[]) => stack.sparkSwarm(["submit", ...words], { seconds: 240 });

  it("with several modules bring those next to them, and packages from --py-files", async () => {
    const main = "project/jobs/main.py";
    const complete = await submit(main, ...ONE_CORE, "--py-files", "project/shared");
    equal(complete.status, 0, complete.output);
    equal(last(complete.stdout), "[1.6, 3.2]");
    match(complete.stderr, /sends\n.*main\.py .*B +the job\n.*the package shared\n.*cleaning/);
    const lacking = await submit(main, ...ONE_CORE);
    equal(lacking.status, 1, lacking.output);
    match(lacking.output, /imports shared, .*Send it with --py-files project\/shared/);
    match(lacking.output, /No module named 'shared'/);
  });

  it("have names and arguments of any text, and folders", async () => {
    mkdirSync(join(folder, "conf"));
    writeFileSync(join(folder, "conf/a.txt"), "a");
    writeFileSync(join(folder, "b 1.txt"), "b");
    const name = "-分析 [1] 'x'.py";
    writeFileSync(join(folder, name), readFileSync(job("arguments.py")));
    const words = [`./${name}`, ...ONE_CORE, "--files", "conf,b 1.txt"];
    const { status, stdout, output } = await submit(
      ...words,
      "--",
      "",
      "a b",
      "日本語",
      "new\nline",
    );
    equal(status, 0, output);
    equal(
      stdout.trim(),
      [
        String.raw`"-\u5206\u6790 [1] 'x'.py"`,
        String.raw`['', 'a b', '\u65e5\u672c\u8a9e', 'new\nline']`,
        "a b True a b True",
      ].join("\n"),
    );
  });

  it("take spark-submit's options", async () => {
    writeFileSync(join(folder, "mine.conf"), "spark.my.word from a file\nspark.my.other x\n");
    writeFileSync(
      join(folder, "settings.py"),
      `from pyspark.sql import SparkSession
sc = SparkSession.builder.getOrCreate().sparkContext
sc.parallelize(range(4), 4).count()
keys = ["spark.my.word", "spark.my.other", "spark.executor.memory", "spark.driver.memory", "spark.executor.cores"]
print([sc.getConf().get(key) for key in keys], len(sc._jsc.sc().statusTracker().getExecutorInfos()) - 1)
`,
    );
    const memory = ["--executor-memory", "600m", "--driver-memory", "700m"];
    const file = ["--properties-file", "mine.conf", "--conf", "spark.my.other=y"];
    const { status, stdout, output } = await submit(
      "settings.py",
      ...[...memory, ...file, "--num-executors", "1", "--deploy-mode", "client"],
    );
    equal(status, 0, output);
    equal(stdout.trim(), "['from a file', 'y', '600m', '700m', '1'] 1");
  });

  it("may bring an environment of venv-pack", async () => {
    const environment = join(folder, "env");
    await succeed(["/usr/bin/python3", "-m", "venv", environment], { seconds: 120 });
    const pip = [join(environment, "bin/pip"), "install", "--quiet"];
    await succeed([...pip, "venv-pack", "setuptools", "humanize==4.9.0"], { seconds: 120 });
    const pack = [join(environment, "bin/venv-pack"), "--quiet", "--prefix", environment, "-o"];
    await succeed([...pack, join(folder, "environment.tar.gz")], { seconds: 120 });
    const archive = [...ONE_CORE, "--archives", "environment.tar.gz#environment"];
    const { status, stdout, output } = await submit(job("sizes.py"), ...archive);
    equal(status, 0, output);
    equal(last(stdout), "['1.0 kB', '2.0 kB']");
    const python = ["./environment/bin/python", "python3"];
    const asInTheGuide = await submit(
      ...[job("sizes.py"), ...archive, "--conf", `spark.pyspark.python=${python[0]}`],
      ...["--conf", `spark.pyspark.driver.python=${python[1]}`],
    );
    equal(last(asInTheGuide.stdout), "['1.0 kB', '2.0 kB']", asInTheGuide.output);
  });

  it("may name packages, for which an environment is created once", async () => {
    const first = await submit(join(repository, "examples/sizes.py"), ...ONE_CORE);
    equal(first.status, 0, first.output);
    equal(last(first.stdout), '{"1000": "1.0 kB", "2000000": "2.0 MB"}');
    match(first.stderr, /making the Python environment/);
    const again = await submit(join(repository, "examples/sizes.py"), ...ONE_CORE);
    equal(last(again.stdout), '{"1000": "1.0 kB", "2000000": "2.0 MB"}');
    ok(!again.output.includes("making the Python environment"), again.output);
  });

  it("fail with pip's message before they start, and leave nothing", async () => {
    writeFileSync(join(folder, "wrong.txt"), "humanize==4.9.0\nno-such-package-of-anybody==1\n");
    const { status, output } = await submit(job("sizes.py"), "--requirements", "wrong.txt");
    equal(status, 1, output);
    match(output, /No matching distribution found for no-such-package-of-anybody==1/);
    match(output, /The job was not started/);
    const left = await stack.onHost(
      "manager",
      "docker ps -aq --filter name=driver-; ls /var/lib/spark-swarm/jobs",
    );
    equal(left.trim(), "");
  });
});

describe("Programs in a pipe", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
  });
  const shell = (kind: string, input: string, ...words: string[]) =>
    stack.sparkSwarm(["shell", kind, ...words], { input, seconds: 240 });

  const python = `def f(x):
    y = x + 1

    return y
print(f(1))
f(spark.range(41).groupBy().count().first()[0])
`;
  const scala = `import spark.implicits._
case class Named(name: String)
object Named { def a = Named("a") }
val count = Seq(Named.a, Named("b")).toDS
  .filter(_.name == "a")
  .count
println(s"count $count")
`;
  for (const [kind, good, said, bad, error] of [
    [
      "pyspark",
      python,
      /^2\n42$/m,
      "print(1)\nraise ValueError('so')\nprint(2)\n",
      /ValueError: so/,
    ],
    [
      "spark-shell",
      scala,
      /^count 1$/m,
      'sys.error("so")\nprintln("after")\n',
      /RuntimeException: so/,
    ],
    [
      "spark-sql",
      "select 1+1;\nselect count(*) + 2 from range(40)",
      /^2\n42$/m,
      "select nonsense;\nselect 2;\n",
      /nonsense/,
    ],
  ] as const) {
    it(`run in ${kind} to their first error, and end with their status`, async () => {
      const well = await shell(kind, good);
      equal(well.status, 0, well.output);
      match(well.stdout, said);
      const failed = await shell(kind, bad);
      equal(failed.status, 1, failed.output);
      match(failed.output, error);
      ok(!/^(2|after)$/m.test(failed.stdout), failed.output);
    });
  }

  it("may be a file for spark-sql", async () => {
    writeFileSync(join(folder, "report.sql"), "select 6*7;\n");
    const { status, stdout, output } = await shell("spark-sql", "", "--", "-f", "report.sql");
    equal(status, 0, output);
    match(stdout, /^42$/m);
  });
});
