import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, repository, Stack } from "./harness/stack";

describe("A cluster without a store, with bootstrap actions, of which one application gets everything", function () {
  this.timeout("25m");
  let stack: Stack;
  const script = (name: string, ...lines: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, `${["#!/usr/bin/env bash", "set -eu", ...lines].join("\n")}\n`);
    return path;
  };
  const greet = (word: string) =>
    script("greet.sh", `echo "${word} $*" >>/etc/greetings`, `echo "said ${word}"`);
  const HOSTS = ["manager", "worker-0", "worker-1"];
  const onEachHost = (command: string) =>
    Promise.all(HOSTS.map(async (host) => (await stack.onHost(host, command)).trim()));

  before("a configuration", async () => {
    stack = await new Stack("bootstrap").create({
      storage: "none",
      "workers.cpus": "2",
      "workers.memory": "2560",
      "spark.allocation": "maximize",
      "bootstrap[0].run": greet("hello"),
      "bootstrap[0].args[0]": "my world",
      "bootstrap[1].run": script("breaks.sh", "echo no such package >&2", "exit 3"),
      "bootstrap[1].on": "workers",
    });
  });

  it("does not come up when an action fails, and reports which, where and why", async () => {
    const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"]);
    notEqual(status, 0);
    match(
      output,
      /Bootstrap action 2 \(breaks\.sh\) failed on worker-[01] with status 3\. .*\/var\/log\/spark-swarm\/bootstrap-2-breaks\.sh\.log:\n *no such package\n/,
    );
  });

  it("comes up when that is fixed, and does not repeat finished actions", async () => {
    script("breaks.sh", "echo repaired >>/etc/repaired");
    await stack.up();
    deepEqual((await stack.status()).problems, []);
    deepEqual(await onEachHost("cat /etc/greetings; cat /etc/repaired 2>/dev/null || true"), [
      "hello my world",
      "hello my world\nrepaired",
      "hello my world\nrepaired",
    ]);
    const [log] = await onEachHost("cat /var/log/spark-swarm/bootstrap-1-greet.sh.log");
    equal(log, "said hello");
    await stack.up("--expect-no-changes");
  });

  it("has copied files on every host", async () => {
    const { status, output } = await stack.sparkSwarm([
      "copy",
      script("a b.sh"),
      "--to",
      "/data/x",
    ]);
    equal(status, 0, output);
    const [first] = await onEachHost("cat '/data/x/a b.sh'");
    match(first ?? "", /^#!/);
    deepEqual(await onEachHost("cat '/data/x/a b.sh'"), [first, first, first]);
  });

  it("gives an application an executor on each worker with all its resources", async () => {
    const report = JSON.parse((await stack.sparkSwarm(["status", "--json"])).stdout);
    deepEqual(report.allocation, { mode: "maximize", executor: { cpus: 2, memory: 1536 } });
    const submit = async (...options: string[]) => {
      const job = join(repository, "test/e2e/jobs/executors.py");
      const { status, stdout, output } = await stack.sparkSwarm(["submit", job, ...options]);
      equal(status, 0, output);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    };
    const nothing = [0, 0];
    const all = { executors: 2, cores: 4, memory: 1536, parallelism: 8, left: [nothing, nothing] };
    deepEqual(await submit(), all);
    const { executors, memory, parallelism } = await submit(
      ...["--conf", "spark.executor.memory=512m", "--conf", "spark.default.parallelism=3"],
    );
    deepEqual([executors, memory, parallelism], [2, 512, 3], "what a user says counts");
  });

  it("runs changed actions on later hosts, and not on existing ones", async () => {
    greet("good morning");
    await stack.configure("workers.count", "3");
    match(await stack.up(), /bootstrap actions have changed/);
    deepEqual(await onEachHost("cat /etc/greetings"), Array(3).fill("hello my world"));
    equal(await stack.onHost("worker-2", "cat /etc/greetings"), "good morning my world\n");
  });

  it("leaves nothing", async () => {
    await stack.destroy();
    deepEqual(await stack.objects(), []);
  });
});
