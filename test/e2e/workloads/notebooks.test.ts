import { equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessLog } from "../harness/access-log";
import { Jupyter, type Outputs, plots, printed } from "../harness/jupyter";
import { type Ended, eventually } from "../harness/programs";
import { folder, repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

const pi = join(repository, "examples/pi.py");
const expected = readFileSync(join(repository, "test/examples/uber-expected.txt"), "utf8");

describe("Notebooks", function () {
  this.timeout("25m");
  let stack: Stack;
  let jupyter: Jupyter;
  before("a cluster with notebooks", async () => {
    stack = (await workloadCluster()).stack;
    jupyter = await Jupyter.open(stack);
  });
  after(() => jupyter?.close());

  describe("in Python, Scala and SQL, and a job, at once", () => {
    let python: string;
    let scala: string;
    let sql: string;
    let job: Ended;
    before("all of them, so that none may starve another", async () => {
      const kernel = await jupyter.startKernel("pyspark");
      [python, scala, sql, job] = await Promise.all([
        jupyter.run("uber_python", kernel).then(printed),
        jupyter.run("uber_scala").then(printed),
        jupyter.run("uber_sql").then(printed),
        stack.sparkSwarm(["submit", pi, "--", "20"], { seconds: 300 }),
      ]);
    });

    it("print the same table of data in S3", () => {
      ok(python.includes(expected), python);
      ok(scala.includes(expected), scala);
    });

    it("query data in S3 with SQL alone", () => {
      match(sql, /\|B02617\| +9\| *40\.716\| *-73\.955\|/);
    });

    it("leave room for a job", () => {
      equal(job.status, 0, job.output);
    });
  });

  describe("for machine learning, and about an access log", () => {
    const log = accessLog(600);
    const cells: Record<string, Outputs[]> = {};
    before("the log on the hosts, and all of them at once", async () => {
      const file = join(folder, "apache_logs");
      writeFileSync(file, log.text);
      const { status, output } = await stack.sparkSwarm(["copy", file]);
      equal(status, 0, output);
      const names = ["regression", "access_log", "access_log_clusters"];
      await Promise.all(
        names.map(async (name) => {
          cells[name] = await jupyter.run(name);
        }),
      );
    });
    const outputs = (name: string) => cells[name] ?? [];

    it("fit a line", () => {
      match(printed(outputs("regression")), /\[2\.55, 1\.75, 0\.35\]\n(.|\n)*1\.0/);
    });

    it("count visitors by day and month, and plot them", () => {
      const text = printed(outputs("access_log"));
      const python = (value: object) =>
        JSON.stringify(value).replaceAll('"', "'").replaceAll(":", ": ").replaceAll(",", ", ");
      ok(text.includes(`${log.requests} requests in ${log.requests + 1} lines`), text);
      ok(text.includes(`DAU ${python(log.daily)}\nMAU ${python(log.monthly)}\n`), text);
      equal(plots(outputs("access_log")).length, 2);
    });

    it("cluster visitors by K-means, and plot them by PCA", () => {
      const text = printed(outputs("access_log_clusters"));
      const [, sizes = "{}"] = /visitors of each kind \{(.*)\}/.exec(text) ?? [];
      const counts = sizes.split(",").map((size) => Number(size.split(":")[1]));
      equal(counts.length, 4, text);
      equal(
        counts.reduce((sum, count) => sum + count, 0),
        600,
      );
      equal(plots(outputs("access_log_clusters")).length, 1);
    });
  });

  describe("that are idle", () => {
    it("release their executors", async () => {
      // The kernel that still runs.
      await eventually(120, async () => {
        const { applications } = await stack.status();
        const idle = applications.filter(({ name }) => name === "pyspark-shell");
        equal(idle.length, 1);
        equal(idle[0]?.cores, 0);
      });
    });
  });

  describe("are still there", () => {
    const name = `test-${process.pid}.ipynb`;
    const notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
    before(async () => {
      const body = { type: "notebook", content: notebook };
      equal((await jupyter.ask("PUT", `contents/${name}`, body)).status, 201);
    });
    after(() => jupyter.ask("DELETE", `contents/${name}`));
    const isThere = async () => equal((await jupyter.ask("GET", `contents/${name}`)).status, 200);
    const inContainer = (command: string) =>
      stack.onHost(
        "manager",
        `docker exec $(docker ps -q --filter label=com.docker.swarm.service.name=notebook_server) ${command}`,
      );

    it("in a folder of the project", () => {
      ok(readFileSync(join(repository, "notebooks", name), "utf8").includes("nbformat"));
    });

    it("when a kernel was killed", async () => {
      await inContainer("pkill -KILL -f ipykernel_launcher");
      await isThere();
    });

    it("when JupyterLab was restarted, with the same token", async () => {
      const service = () =>
        stack.onHost(
          "manager",
          "docker ps -q --filter label=com.docker.swarm.service.name=notebook_server",
        );
      const former = await service();
      await stack.onHost("manager", "docker service update --force --quiet notebook_server");
      ok((await service()) !== former);
      await eventually(60, isThere);
    });
  });

  describe("are not accessible", () => {
    it("without their token", async () => {
      equal((await jupyter.ask("GET", "contents", undefined, "wrong")).status, 403);
      equal((await fetch(`${jupyter.url}/api/contents`)).status, 403);
    });
  });
});
