import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./harness/programs";
import { environment, folder, repository } from "./harness/stack";

describe("A fresh clone", function () {
  this.timeout("10m");
  const clone = mkdtempSync(join(folder, "clone-"));
  const inClone = { cwd: clone, env: environment, seconds: 120 };
  const git = (...args: string[]) => succeed(["git", ...args], inClone);
  const pulumi = (...args: string[]) =>
    succeed(["pulumi", ...args, "--non-interactive", "--color", "never"], inClone);

  before("with the packages that this one has", async () => {
    await git("clone", "--quiet", "--local", repository, clone);
    const packages = join(clone, "node_modules");
    mkdirSync(join(packages, ".bin"), { recursive: true });
    for (const from of ["", ".bin"]) {
      for (const name of readdirSync(join(repository, "node_modules", from))) {
        if (name === ".bin" || name === "spark-swarm") continue;
        symlinkSync(join(repository, "node_modules", from, name), join(packages, from, name));
      }
    }
    // What `npm install` runs.
    await succeed(["npm", "run", "--silent", "prepare"], inClone);
  });

  it("has a stack dev, ready for Pulumi's own commands", async () => {
    await pulumi("stack", "init", "dev");
    const config = JSON.parse(await pulumi("config", "--stack", "dev", "--json"));
    deepEqual(config["spark-swarm:cloud"], { value: "local", secret: false });
    match(await pulumi("preview", "--stack", "dev"), /-worker-1 create/);
  });

  it("stays clean, whatever Pulumi writes about this machine", async () => {
    const file = join(clone, "Pulumi.dev.yaml");
    match(readFileSync(file, "utf8"), /^encryptionsalt: /m);
    await pulumi("config", "set", "--stack", "dev", "notebook", "true");
    await pulumi("config", "set", "--stack", "dev", "--secret", "--path", "s3.secretKey", "secret");
    await pulumi("stack", "init", "aws");
    await pulumi("config", "set", "--stack", "aws", "--path", "access.allowFrom[0]", "::1/128");
    const text = readFileSync(file, "utf8");
    match(text, /^ +spark-swarm:notebook: "?true"?$/m);
    match(text, /secure: /);
    ok(text.startsWith("# A cluster of containers on this machine"), text);
    equal(await git("status", "--porcelain"), "");
  });
});
