import { equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessLog } from "../harness/access-log";
import { Jupyter, plots, printed } from "../harness/jupyter";
import { eventually, succeed } from "../harness/programs";
import { folder, repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

const expected = readFileSync(join(repository, "test/examples/uber-expected.txt"), "utf8");

describe("Notebooks", function () {
  this.timeout("10m");
  let stack: Stack;
  let jupyter: Jupyter;
  before("a cluster with notebooks", async () => {
    stack = (await workloadCluster()).stack;
    jupyter = await Jupyter.open(stack);
  });
  after(() => jupyter?.close());

  describe("in Python, Scala and SQL", () => {
    for (const name of ["uber_python", "uber_scala"]) {
      it(`print the same table of what is in S3: ${name}`, async () => {
        const text = printed(await jupyter.run(name, { keepKernel: name === "uber_python" }));
        ok(text.includes(expected), text);
      });
    }

    it("query what is in S3 by SQL alone", async () => {
      match(printed(await jupyter.run("uber_sql")), /\|B02617\| +9\| *40\.716\| *-73\.955\|/);
    });

    it("run at once with each other and a job", async () => {
      const job = stack.sparkSwarm(["submit", join(repository, "examples/pi.py"), "--", "20"], {
        seconds: 240,
      });
      const [python, scala, { status, output }] = await Promise.all([
        jupyter.run("uber_python"),
        jupyter.run("uber_scala"),
        job,
      ]);
      ok(printed(python).includes(expected) && printed(scala).includes(expected));
      equal(status, 0, output);
    });
  });

  describe("for machine learning", () => {
    it("find clusters by K-means, and show them in a plot", async () => {
      const cells = await jupyter.run("kmeans");
      match(
        printed(cells),
        /\[\(40\.64, -73\.79\), \(40\.71, -73\.95\), \(40\.75, -73\.98\), \(40\.78, -73\.87\)\]/,
      );
      equal(plots(cells).length, 1);
      ok((plots(cells)[0]?.length ?? 0) > 10_000, "the plot is not empty");
    });

    it("fit a line", async () => {
      match(printed(await jupyter.run("regression")), /\[2\.55, 1\.75, 0\.35\]\n(.|\n)*1\.0/);
    });
  });

  describe("about an access log", () => {
    const log = accessLog(600);
    before("brought to the hosts", async () => {
      const file = join(folder, "apache_logs");
      writeFileSync(file, log.text);
      const { status, output } = await stack.sparkSwarm(["copy", file]);
      equal(status, 0, output);
    });
    const python = (value: object) =>
      JSON.stringify(value).replaceAll('"', "'").replaceAll(":", ": ").replaceAll(",", ", ");

    it("count who visits by day and month, and show it in plots", async () => {
      const cells = await jupyter.run("access_log");
      const text = printed(cells);
      ok(text.includes(`${log.requests} requests in ${log.requests + 1} lines`), text);
      ok(text.includes(`DAU ${python(log.daily)}\nMAU ${python(log.monthly)}\n`), text);
      equal(plots(cells).length, 2);
    });

    it("find kinds of visitors by K-means, and show them by PCA", async () => {
      const cells = await jupyter.run("access_log_clusters");
      const [, sizes = "{}"] = /visitors of each kind \{(.*)\}/.exec(printed(cells)) ?? [];
      const counts = sizes.split(",").map((size) => Number(size.split(":")[1]));
      equal(counts.length, 4, printed(cells));
      equal(
        counts.reduce((sum, count) => sum + count, 0),
        600,
      );
      equal(plots(cells).length, 1);
    });
  });

  it("give back their executors when they are idle", async () => {
    // The kernel of the first test, which was kept.
    const name = "pyspark-shell";
    await eventually(120, async () => {
      const idle = (await stack.status()).applications.filter((app) => app.name === name);
      equal(idle.length, 1);
      equal(idle[0]?.cores, 0);
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

    it("when JupyterLab was started again, under the same token", async () => {
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

    it("when the host was lost that JupyterLab was on", async () => {
      await jupyter.close();
      await succeed(["docker", "kill", stack.container("manager")], { seconds: 30 });
      await stack.up();
      jupyter = await Jupyter.open(stack);
      await eventually(60, isThere);
    });
  });

  it("are for nobody without their token", async () => {
    equal((await jupyter.ask("GET", "contents", undefined, "wrong")).status, 403);
    equal((await fetch(`${jupyter.url}/api/contents`)).status, 403);
  });
});
