import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOAD, type Program, succeed } from "./programs";
import { python } from "./python";
import { folder, repository, type Stack } from "./stack";

/** The outputs of one cell, in nbformat. */
export type Outputs = { text?: string; data?: Record<string, string>; traceback?: string[] }[];

/** JupyterLab on a cluster, through a port of this machine until it is closed. */
export class Jupyter {
  private constructor(
    /** Without a path. */
    readonly url: string,
    readonly token: string,
    private readonly program: Program,
  ) {}

  static async open(stack: Stack): Promise<Jupyter> {
    const program = stack.start(["notebook", "--no-browser"], { seconds: 900 });
    const [, url = "", token = ""] = await program.says(/^(http:\/\/\S+)\/lab\?token=(\S+)$/m, 90);
    return new Jupyter(url, decodeURIComponent(token), program);
  }

  async close(): Promise<void> {
    this.program.signal("SIGINT");
    await this.program.ended;
  }

  /** Sends a request to Jupyter's API (jupyter-server.readthedocs.io: REST API). */
  ask(method: string, path: string, body?: object, token = this.token): Promise<Response> {
    return fetch(`${this.url}/api/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { Authorization: `token ${token}` },
      signal: AbortSignal.timeout(LOAD * 30_000),
    });
  }

  /** Starts a kernel; returns its id. */
  async startKernel(name: string): Promise<string> {
    const started = await this.ask("POST", "kernels", { name });
    return ((await started.json()) as { id: string }).id;
  }

  /** Ends all kernels, also those of closed pages, which continue. */
  async stopKernels(): Promise<void> {
    const kernels = (await (await this.ask("GET", "kernels")).json()) as { id: string }[];
    for (const { id } of kernels) await this.ask("DELETE", `kernels/${id}`);
  }

  /** Runs an example, which must succeed, in this kernel or a new one; returns each cell's outputs. */
  run(example: string, kernel?: string): Promise<Outputs[]> {
    const file = join(repository, "examples/notebooks", `${example}.ipynb`);
    return this.runFile(file, kernel ? ["--kernel", kernel] : []);
  }

  /** Runs cells, which may fail, in a kernel of this name; returns each cell's outputs. */
  runCells(kernel: string, language: string, cells: string[]): Promise<Outputs[]> {
    const file = join(mkdtempSync(join(folder, "cells-")), "cells.ipynb");
    writeFileSync(file, JSON.stringify(notebookOf(kernel, language, cells)));
    return this.runFile(file, ["--allow-errors"]);
  }

  private async runFile(file: string, options: string[]): Promise<Outputs[]> {
    const command = [await python(), join(__dirname, "run_notebook.py"), ...options];
    return JSON.parse(
      await succeed([...command, this.url, this.token, file], { seconds: 300 }),
    ) as Outputs[];
  }
}

/** A notebook for a kernel of this name. */
export function notebookOf(kernel: string, language: string, cells: string[]): object {
  return {
    metadata: { kernelspec: { name: kernel, display_name: kernel, language } },
    nbformat: 4,
    nbformat_minor: 5,
    cells: cells.map((source, index) => ({
      ...{ cell_type: "code", id: `cell-${index}`, source, metadata: {} },
      ...{ outputs: [], execution_count: null },
    })),
  };
}

/** All that cells printed, including errors. */
export function printed(cells: Outputs[]): string {
  return cells
    .flat()
    .map(
      ({ text, data, traceback }) =>
        text ?? `${(traceback ?? [data?.["text/plain"] ?? ""]).join("\n")}\n`,
    )
    .join("");
}

/** The plots in cells' outputs, as PNG in Base64. */
export function plots(cells: Outputs[]): string[] {
  return cells.flat().flatMap(({ data }) => data?.["image/png"] ?? []);
}
