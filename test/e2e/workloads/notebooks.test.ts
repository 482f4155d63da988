import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endPrograms, type Program, succeed } from "./harness/programs";
import { S3Server } from "./harness/s3-server";
import { destroySharedCluster } from "./harness/shared-cluster";
import { repository, Stack } from "./harness/stack";

/** What is read of a notebook that has run. */
interface Notebook {
  cells: { outputs?: { text?: string; data?: Record<string, string> }[] }[];
}

const uber = readFileSync(join(repository, "examples/data/uber.csv"), "utf8");
const expected = readFileSync(join(__dirname, "../examples/uber-expected.txt"), "utf8");

describe("A cluster with a notebook, Spark Connect and S3", function () {
  this.timeout("10m");
  let s3: S3Server;
  let stack: Stack;
  let python: string;
  before("an S3 service and a cluster", async () => {
    await destroySharedCluster();
    s3 = await S3Server.start();
    await s3.bucket("uber", { "uber.csv": uber });
    const printed = await succeed([join(repository, "scripts/setup/python-env")], { seconds: 300 });
    python = join(printed.trim().split("\n").at(-1) ?? "", "bin/python");
    stack = await new Stack("notebook").create({
      "manager.cpus": "2",
      "manager.memory": "6144",
      "workers.memory": "3072",
      notebook: "true",
      connect: "true",
      "s3.endpoint": s3.endpoint,
      "s3.accessKey": "an-access-key",
      "s3.pathStyle": "true",
    });
    await stack.pulumi(["config", "set", "--secret", "--path", "s3.secretKey", "a-secret-key"]);
    await stack.up();
  });
  after(endPrograms);

  /** What the tool prints first, and the tool, which holds a tunnel. */
  async function forwarded(verb: string[], address: RegExp): Promise<[string, Program]> {
    const program = stack.start(verb, { seconds: 300 });
    const [, found = ""] = await program.says(address, 90);
    return [found, program];
  }

  async function close(program: Program): Promise<void> {
    program.signal("SIGINT");
    await program.ended;
  }

  /** Runs an example through a tunnel; what each cell printed. */
  async function runNotebook(name: string): Promise<Notebook["cells"]> {
    const file = join(repository, "examples/notebooks", `${name}.ipynb`);
    const [address, tunnel] = await forwarded(
      ["notebook", "--no-browser"],
      /^http:\/\/(\S+\?token=\S+)$/m,
    );
    const [server = "", token = ""] = address.split("/lab?token=");
    const run = [python, join(__dirname, "harness/run_notebook.py")];
    try {
      const printed = await succeed([...run, `http://${server}`, decodeURIComponent(token), file], {
        seconds: 300,
      });
      return (JSON.parse(printed) as Notebook).cells;
    } finally {
      await close(tunnel);
    }
  }
  const printedBy = (cells: Notebook["cells"]) =>
    cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ text }) => text ?? [])).join("");

  for (const name of ["uber_python", "uber_scala"]) {
    it(`reads S3 in a notebook: ${name}`, async () => {
      ok(printedBy(await runNotebook(name)).includes(expected.trim()));
    });
  }

  it("finds clusters, and shows them in a plot", async () => {
    const cells = await runNotebook("kmeans");
    match(
      printedBy(cells),
      /\[\(40\.64, -73\.79\), \(40\.71, -73\.95\), \(40\.75, -73\.98\), \(40\.78, -73\.87\)\]/,
    );
    const images = cells.flatMap(({ outputs = [] }) =>
      outputs.flatMap(({ data }) => data?.["image/png"] ?? []),
    );
    equal(images.length, 1);
    ok((images[0]?.length ?? 0) > 10_000);
  });

  it("fits a line", async () => {
    match(printedBy(await runNotebook("regression")), /\[2\.55, 1\.75, 0\.35\]\n(.|\n)*1\.0/);
  });

  it("serves Spark Connect to a program outside", async () => {
    const [address, tunnel] = await forwarded(["connect"], /^(sc:\/\/\S+)$/m);
    const program = `
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote("${address}").getOrCreate()
print(spark.range(10**7).selectExpr("sum(id)").collect())
`;
    const printed = await succeed([python, "-c", program], { seconds: 120 });
    equal(printed.trim(), "[Row(sum(id)=49999995000000)]");
    await close(tunnel);
  });

  it("is not changed by a second up", async () => {
    await stack.up("--expect-no-changes");
    deepEqual((await stack.status()).problems, []);
  });
});
