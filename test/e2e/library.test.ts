import { deepEqual, equal, match } from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, run, succeed } from "./harness/programs";
import { folder, repository, Stack } from "./harness/stack";

describe("The library", function () {
  this.timeout("25m");
  const project = mkdtempSync(join(folder, "own-swarm-"));
  const inProject = { cwd: project, seconds: 60 };
  const replace = (file: string, from: RegExp, to: string) => {
    const path = join(project, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
  };

  before("the example of a program, in a folder of its own", async () => {
    const built = await succeed([join(repository, "scripts/build")], { seconds: 120 });
    const archive = built.trim().split("\n").at(-1);
    cpSync(join(repository, "examples/own-swarm"), project, { recursive: true });
    replace("package.json", /file:.*tgz/, `file:${archive}`);
    replace("Pulumi.yaml", /^name: .*/, "name: spark-swarm");
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await succeed(["npm", "install", ...options], { cwd: project, seconds: 300 });
  });

  it("has types, by which the program compiles", async () => {
    const { status, output } = await run(["npx", "--no-install", "tsc"], inProject);
    equal(status, 0, output);
  });

  for (const [file, how] of [
    ["commonjs.cjs", 'const { SwarmStack } = require("spark-swarm");'],
    ["module.mjs", 'import { SwarmStack } from "spark-swarm";'],
  ] as const) {
    it(`is loaded by ${file}`, async () => {
      writeFileSync(join(project, file), `${how}\nconsole.log(typeof SwarmStack);\n`);
      equal(await succeed([process.execPath, file], inProject), "function\n");
    });
  }

  it("makes a Swarm, and a stack on it that answers; and leaves nothing", async () => {
    const stack = new Stack("library", undefined, project);
    await stack.create();
    await stack.up();
    const address = (await stack.pulumi(["stack", "output", "managerAddress"])).trim();
    await eventually(20, async () => {
      match(await (await fetch(`http://${address}/`)).text(), /A Swarm of one's own/);
    });
    await stack.up("--expect-no-changes");
    await stack.destroy();
    deepEqual(await stack.objects(), []);
  });
});
