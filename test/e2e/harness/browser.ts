import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { freePort } from "./ports";
import { LOAD, type Program, succeed } from "./programs";
import { repository, type Stack } from "./stack";

const screenshots = join(repository, ".spark-swarm/screenshots");

/** A browser in a cluster's network, like that of `spark-swarm browse`: through the SOCKS proxy of a tunnel. */
export class ClusterBrowser {
  /** Failed requests and errors of its page. */
  readonly problems: string[] = [];

  private constructor(
    private readonly tunnel: Program,
    private readonly browser: Browser,
    readonly page: Page,
  ) {
    page.on("requestfailed", (request) => {
      this.problems.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.problems.push(`${response.url()}: ${response.status()}`);
    });
    page.on("pageerror", (error) => this.problems.push(error.message));
  }

  static async open(stack: Stack): Promise<ClusterBrowser> {
    const setup = [join(repository, "scripts/setup/chromium")];
    const executablePath = (await succeed(setup, { seconds: 300 })).trim().split("\n").at(-1);
    const port = await freePort();
    const tunnel = stack.start(["tunnel", "--port", `${port}`], { seconds: 1500 });
    await tunnel.says(/http:\/\/master:8080/, 60);
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox"],
      proxy: { server: `socks5://127.0.0.1:${port}` },
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(LOAD * 60_000);
    // JupyterLab shows this over everything else when a request took too long, and then recovers by itself.
    await page.addLocatorHandler(
      page.getByText(/Server (Connection Error|unavailable or unreachable)/).first(),
      async () => {
        await page.getByRole("button", { name: "Dismiss" }).first().click();
      },
    );
    return new ClusterBrowser(tunnel, browser, page);
  }

  /** Saves a screenshot of the page for developers: .spark-swarm/screenshots/NAME.png. */
  async picture(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.tunnel.signal("SIGINT");
    await this.tunnel.ended;
  }
}
