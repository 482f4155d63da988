import { deepEqual, equal, match } from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { eventually, run, succeed } from "./harness/programs";
import { environment, folder, repository, Stack } from "./harness/stack";

/** Copies of the examples, which use each other's files. */
const examples = mkdtempSync(join(folder, "examples-"));
const project = join(examples, "own-swarm");
const yamlProject = join(examples, "own-swarm-yaml");
let archive: string | undefined;

before("build the library", async function () {
  this.timeout("10m");
  const built = await succeed([join(repository, "scripts/build")], { seconds: 120 });
  archive = built.trim().split("\n").at(-1);
  cpSync(join(repository, "examples/own-swarm"), project, { recursive: true });
  cpSync(join(repository, "examples/own-swarm-yaml"), yamlProject, { recursive: true });
});

function replace(path: string, from: RegExp, to: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
}

/** Installs a project that depends on the library's archive, with this environment's npm. */
async function install(cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  replace(join(cwd, "package.json"), /file:.*tgz/, `file:${archive}`);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await succeed(["npm", "install", ...options], { cwd, env, seconds: 300 });
}

/** Checks that a program's stack comes up and answers, has no changes after that, and leaves nothing. */
async function lives(stack: Stack): Promise<void> {
  await stack.up();
  const address = (await stack.pulumi(["stack", "output", "managerAddress"])).trim();
  await eventually(20, async () => {
    match(await (await fetch(`http://${address}/`)).text(), /A Swarm of one's own/);
  });
  await stack.up("--expect-no-changes");
  await stack.destroy();
  deepEqual(await stack.objects(), []);
}

for (const major of [20, 22]) {
  describe(`The library under Node.js ${major}`, function () {
    this.timeout("25m");
    const own = join(examples, `node-${major}`);
    let inOwn: { cwd: string; env: NodeJS.ProcessEnv; seconds: number };

    before("install it in an empty project", async () => {
      const setup = [join(repository, "scripts/setup/node"), `${major}`];
      const program = (await succeed(setup, { seconds: 120 })).trim().split("\n").at(-1) ?? "";
      const path = [dirname(program), process.env.PATH].join(delimiter);
      inOwn = { cwd: own, env: { ...process.env, PATH: path }, seconds: 60 };
      mkdirSync(own);
      for (const file of ["package.json", "tsconfig.json", "index.ts"]) {
        cpSync(join(project, file), join(own, file));
      }
      await install(own, inOwn.env);
    });

    it("runs in that version", async () => {
      match(await succeed(["node", "--version"], inOwn), new RegExp(`^v${major}\\.`));
    });

    it("has types with which a program compiles", async () => {
      const { status, output } = await run(["npx", "--no-install", "tsc"], inOwn);
      equal(status, 0, output);
    });

    for (const [file, how] of [
      ["commonjs.cjs", 'const { SwarmStack } = require("spark-swarm");'],
      ["module.mjs", 'import { SwarmStack } from "spark-swarm";'],
    ] as const) {
      it(`is loaded by ${file}`, async () => {
        writeFileSync(join(own, file), `${how}\nconsole.log(typeof SwarmStack);\n`);
        equal(await succeed(["node", file], inOwn), "function\n");
      });
    }
  });
}

describe("The library", function () {
  this.timeout("25m");

  before("install the example", async () => {
    await install(project, process.env);
    for (const path of [project, yamlProject]) {
      replace(join(path, "Pulumi.yaml"), /^name: .*/, "name: spark-swarm");
    }
  });

  it("makes a Swarm, and a stack on it that answers; and leaves nothing", async () => {
    const stack = new Stack("library", undefined, project);
    await stack.create();
    await lives(stack);
  });

  describe("in YAML", () => {
    const stack = new Stack("yaml", undefined, yamlProject);
    const program = join(yamlProject, "Pulumi.yaml");

    before("add the package, as its user does", async () => {
      replace(program, /^packages:\n.*\n/m, "");
      const provider = "../own-swarm/node_modules/spark-swarm/provider";
      const add = ["pulumi", "package", "add", provider, "--non-interactive"];
      await succeed(add, { cwd: yamlProject, env: environment, seconds: 120 });
      await stack.create();
    });

    it("refuses wrong arguments in the preview, by their names", async () => {
      const right = readFileSync(program, "utf8");
      replace(program, /cpus: 1/, "cpus: 0");
      const { status, output } = await stack.tryPulumi(["preview"], 120);
      writeFileSync(program, right);
      equal(status === 0, false, output);
      match(output, /manager\.cpus/);
      match(output, /must be a number of CPUs greater than 0/);
    });

    it("makes a Swarm, and a stack on it that answers; and leaves nothing", () => lives(stack));
  });
});
