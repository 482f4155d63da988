import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../e2e/harness/programs";

const PROGRAMS = join(__dirname, "../../e2e/harness/programs");

/** Runs statements that use the harness in a process of their own, in which programs end for good. */
function apart(statements: string) {
  const code = `(async () => {
    const { Program, endPrograms, endProgramsForGood, run } = require(${JSON.stringify(PROGRAMS)});
    const sleep = (seconds) => run(["sleep", seconds], { seconds: 20 });
    ${statements}
    process.exit();
  })()`;
  const command = [process.execPath, "--require", "ts-node/register", "--eval", code];
  return run(command, { seconds: 30 });
}

describe("programs of tests", () => {
  it("are ended by a hook", async () => {
    const { stdout, output } = await apart(`
      const one = sleep("15");
      await endPrograms();
      console.log((await one).status);`);
    assert.equal(stdout, "130\n", output);
  });

  it("outlive a hook when they are services of all files", async () => {
    const { stdout, output } = await apart(`
      const service = new Program(["cat"], { seconds: 20, attached: true });
      await endPrograms();
      service.signal("SIGTERM");
      console.log((await service.ended).status);`);
    assert.equal(stdout, "143\n", output);
  });

  it("are left alone by it when they are the clean-up's, after an interrupt", async () => {
    const { stdout, output } = await apart(`
      const one = sleep("15");
      await endProgramsForGood();
      const cleanUp = sleep("0.5");
      await endPrograms();
      console.log((await one).status, (await cleanUp).status);`);
    assert.equal(stdout, "130 0\n", output);
  });
});
