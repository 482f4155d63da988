import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../../cli/programs";

const root = join(__dirname, "../../..");

/** The output of a progress bar if standard error is no terminal. */
async function shown(megabytes: number): Promise<string> {
  const program = `
    const { progressBar } = require(${JSON.stringify(join(root, "cli/terminal/progress.ts"))});
    const bar = progressBar("to manager", ${megabytes} * 1024 ** 2);
    bar?.increment(${megabytes + 1} * 1024 ** 2);
    bar?.stop();
  `;
  const args = ["--require", join(root, "transpile.cjs"), "-e", program];
  return (await run(process.execPath, args)).stderr;
}

describe("the progress of a copy", () => {
  it("is shown by lines without a terminal, up to its end", async () => {
    match(
      await shown(100),
      /^to manager: \[-+\] 0% of 100 MB.*\nto manager: \[=+\] 100% of 100 MB/,
    );
  });

  it("is not shown for small ones", async () => equal(await shown(10), ""));
});
