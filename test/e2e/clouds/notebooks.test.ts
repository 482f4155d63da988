import { equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedCloud } from "../../emulators/daemon";
import { deleteHosts } from "../harness/cloud-machines";
import { CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { endPrograms, eventually } from "../harness/programs";
import { folder } from "../harness/stack";

const KEYS = { accessKey: "an-access-key", secretKey: "a-secret-key" };
/** Uses the images of test/e2e/notebook.test.ts, which exist already. */
const CONFIG = { notebook: "true", connect: "true", s3: JSON.stringify(KEYS) };

describe("Notebooks on a cloud", function () {
  this.timeout("25m");
  let cloud: EmulatedCloud;
  let stack: CloudStack;
  const home = mkdtempSync(join(folder, "notebooks-"));
  before("a cluster with a notebook", async () => {
    cloud = await cloudWithSnapshot("digitalocean", { boot: 0 }, CONFIG);
    stack = await new CloudStack("notebooks", "digitalocean", cloud).create({
      storage: "none",
      notebook: "true",
      connect: "true",
      "s3.accessKey": KEYS.accessKey,
      "s3.secretKey": KEYS.secretKey,
      "workers.count": "1",
      "workers.size": "s-1vcpu-2gb",
    });
    await stack.up();
  });
  after(async () => {
    await endPrograms();
    await cloud?.stop();
  });

  /** Gets a notebook from JupyterLab, or stores one with this text, once it answers. */
  function jupyter(name: string, text?: string): Promise<string> {
    const source = { cell_type: "markdown", metadata: {}, source: text };
    const content = { cells: [source], metadata: {}, nbformat: 4, nbformat_minor: 4 };
    const body = JSON.stringify({ type: "notebook", format: "json", content });
    const put = text === undefined ? "" : `-X PUT -d '${body}'`;
    const ask = `lab=$(docker ps -qf name=notebook_server)
      token=$(docker exec $lab cat /run/secrets/notebook_token)
      docker exec $lab curl -fsS -H "authorization: token $token" ${put} http://notebook:8888/api/contents/${name}`;
    return eventually(60, () => stack.onHost("manager", ask));
  }
  const notebooks = (...args: string[]) => stack.sparkSwarm(["notebooks", ...args]);
  const pull = () => notebooks("pull", "--to", home);
  const push = () => notebooks("push", "--from", home);
  const destroy = () => stack.tryPulumi(["destroy", "--yes", "--skip-preview"]);
  const atHome = (name: string) => readFileSync(join(home, name), "utf8");

  it("are not lost to a destroy, which then deletes nothing", async () => {
    await jupyter("first.ipynb", "written on the cluster");
    const { status, output } = await destroy();
    notEqual(status, 0);
    match(output, /These notebooks are on the cluster alone[\s\S]*\n.* first\.ipynb\n/);
    match(output, /notebooks pull --stack test-notebooks-/);
    await stack.up("--expect-no-changes");
    equal((await stack.status()).exitStatus, 0);
  });

  it("are pulled, and pushed back", async () => {
    const pulled = await pull();
    equal(pulled.stdout, "first.ipynb\n", pulled.output);
    match(atHome("first.ipynb"), /written on the cluster/);
    writeFileSync(
      join(home, "first.ipynb"),
      atHome("first.ipynb").replace("written on the cluster", "edited at home"),
    );
    const pushed = await push();
    equal(pushed.stdout, "first.ipynb\n", pushed.output);
    match(await jupyter("first.ipynb"), /edited at home/);
    equal((await push()).stdout, "");
    equal((await pull()).stdout, "");
  });

  it("are not overwritten if they were changed on both sides", async () => {
    await jupyter("first.ipynb", "changed on the cluster");
    writeFileSync(join(home, "first.ipynb"), "changed at home");
    for (const copy of [pull, push]) {
      const { status, stderr } = await copy();
      equal(status, 1);
      match(stderr, /Changed both here and on the cluster[\s\S]* first\.ipynb\./);
    }
    equal(atHome("first.ipynb"), "changed at home");
    equal((await notebooks("pull", "--to", home, "--force")).status, 0);
    match(atHome("first.ipynb"), /changed on the cluster/);
  });

  it("outlive their service", async () => {
    await stack.onHost("manager", "docker service update --force --quiet notebook_server");
    match(await jupyter("first.ipynb"), /changed on the cluster/);
  });

  it("do not block the destruction of a cluster whose manager was lost, and are pushed to another", async () => {
    await jupyter("lost.ipynb", "never pulled");
    await deleteHosts(stack, "manager");
    // Only the resource that checks for them.
    const asked = await stack.pulumi([
      ...["destroy", "--yes", "--skip-preview", "--refresh=false"],
      ...["--target", "**-unsaved-check"],
    ]);
    match(asked, /warning: the manager does not answer/);
    match(asked, /1 deleted/);
    await stack.up();
    equal((await push()).stdout, "first.ipynb\n");
    match(await jupyter("first.ipynb"), /changed on the cluster/);
  });

  it("are deleted with the cluster if allowed", async () => {
    await jupyter("second.ipynb", "of no use");
    match((await destroy()).output, / second\.ipynb\n/);
    stack.variables.SPARK_SWARM_DISCARD_NOTEBOOKS = "1";
    await stack.destroy();
    ok(!existsSync(join(home, "second.ipynb")));
  });
});
