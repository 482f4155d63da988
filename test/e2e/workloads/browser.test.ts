import { equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterBrowser } from "../harness/browser";
import { Jupyter } from "../harness/jupyter";
import { eventually, LOAD } from "../harness/programs";
import { repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

describe("In a browser, through the tunnel", function () {
  this.timeout("25m");
  let stack: Stack;
  let jupyter: Jupyter;
  let browser: ClusterBrowser;
  before("a cluster, and a browser in its network", async () => {
    stack = (await workloadCluster()).stack;
    jupyter = await Jupyter.open(stack);
    browser = await ClusterBrowser.open(stack);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await browser.picture("failed");
    console.error(`${browser.page.url()}: ${browser.problems.join("\n")}`);
  });
  after(async () => {
    await browser?.close();
    await jupyter?.close();
  });

  describe("JupyterLab", () => {
    const name = `test-${process.pid}-kmeans.ipynb`;
    before(async () => {
      const example = readFileSync(join(repository, "examples/notebooks/kmeans.ipynb"), "utf8");
      const body = { type: "notebook", content: JSON.parse(example) };
      equal((await jupyter.ask("PUT", `contents/${name}`, body)).status, 201);
    });
    after(async () => {
      await jupyter.stopKernels();
      await jupyter.ask("DELETE", `contents/${name}`);
    });

    it("asks for the token, and refuses a wrong one", async () => {
      const { page } = browser;
      await page.goto("http://notebook:8888/lab?token=wrong");
      await page.getByRole("button", { name: "Log in" }).first().waitFor();
      await page.locator("#password_input").fill("wrong too");
      await page.getByRole("button", { name: "Log in" }).first().click();
      await page.getByText("Invalid credentials").waitFor();
      await page.locator("#password_input").fill(jupyter.token);
      await page.getByRole("button", { name: "Log in" }).first().click();
      await page.locator("#jp-main-dock-panel").waitFor();
    });

    it("runs a whole notebook, which finds clusters by K-means and plots them", async () => {
      const { page } = browser;
      await page.goto(
        `http://notebook:8888/lab/tree/${name}?token=${encodeURIComponent(jupyter.token)}`,
      );
      await page.getByText("Python (PySpark) | Idle").waitFor({ timeout: LOAD * 120_000 });
      await page.getByRole("menuitem", { name: "Run", exact: true }).click();
      await page.getByText("Run All Cells", { exact: true }).click();
      const plot = page.locator(".jp-OutputArea-output img").first();
      await plot.waitFor({ timeout: LOAD * 180_000 });
      await page
        .getByText("[(40.64, -73.79), (40.71, -73.95), (40.75, -73.98), (40.78, -73.87)]")
        .waitFor();
      const image = (await plot.getAttribute("src")) ?? "";
      ok(image.length > 10_000, "the plot is not empty");
      await plot.scrollIntoViewIfNeeded();
      await browser.picture("notebook");
    });
  });

  describe("the pages of Spark", () => {
    before("a job", async () => {
      const { status, output } = await stack.sparkSwarm([
        "submit",
        join(repository, "examples/pi.py"),
        "--",
        "20",
      ]);
      equal(status, 0, output);
    });

    it("lead from the master to a worker, an application and its executors' logs", async () => {
      const { page } = browser;
      await page.goto("http://master:8080");
      await browser.picture("master");
      await page
        .getByRole("link", { name: /^worker-/ })
        .first()
        .click();
      await page.getByText("Spark Worker at").first().waitFor();
      await page.goto("http://master:8080");
      await page.locator("a[href*='?appId=']").last().click();
      await page.getByRole("link", { name: "stderr" }).first().click();
      await page.getByText("CoarseGrainedExecutorBackend").first().waitFor();
    });

    it("show ended applications in the history", async () => {
      const { page } = browser;
      const application = page.locator("a[href*='/history/app-']").first();
      // The history server checks for new logs every ten seconds.
      await eventually(60, async () => {
        await page.goto("http://history:18080");
        await application.waitFor({ timeout: LOAD * 3000 });
      });
      await page.getByText("Loading history summary").waitFor({ state: "hidden" });
      await browser.picture("history");
      await application.click();
      await page.getByText("Spark Jobs").first().waitFor();
      match(page.url(), /\/history\/app-.*\/jobs/);
    });
  });
});
