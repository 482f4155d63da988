import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { FOLDER, install, manager, PROGRAM, remove, writeMoment } from "./lifetime-script";
import { Machine } from "./machine";

let machine: Machine;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withMachine(): void {
  beforeEach(() => {
    machine = manager();
  });
  afterEach(() => machine.remove());
}

const number = (name: string) => Number(machine.read(`${FOLDER}/${name}`));
const ends = () => (machine.exists(`${FOLDER}/ends`) ? number("ends") : undefined);

describe("installing a cluster's lifetime", () => {
  withMachine();
  it("starts the watcher, also at each boot", () => {
    const { calls } = install(machine, { ttl: "3600" });
    assert.deepEqual(calls, [
      "systemctl daemon-reload",
      "systemctl enable spark-swarm-lifetime",
      "systemctl restart spark-swarm-lifetime",
    ]);
    assert.equal(machine.mode(PROGRAM), "755");
    const unit = machine.read("/etc/systemd/system/spark-swarm-lifetime.service").split("\n");
    for (const line of [
      `ExecStart=${PROGRAM} watch`,
      "Restart=always",
      "WantedBy=multi-user.target",
    ]) {
      assert.ok(unit.includes(line), line);
    }
  });

  it("counts from now, and records the configuration", () => {
    const before = Math.floor(Date.now() / 1000);
    install(machine, { ttl: "3600", idle: "1800" });
    assert.ok(number("since") >= before && number("since") < before + 20);
    assert.equal(ends(), number("since") + 3600);
    assert.equal(machine.read(`${FOLDER}/lifetime.conf`), "TTL=3600\nIDLE=1800\nARCHIVE=\n");
  });

  it("protects the command that ends the machines, since it may hold a token", () => {
    install(machine, { ttl: "3600", command: "curl 'a token'" });
    assert.equal(machine.read(`${FOLDER}/end`), "curl 'a token'\n");
    assert.equal(machine.mode(`${FOLDER}/end`), "600");
  });

  it("keeps an extension when installed again with the same TTL", () => {
    install(machine, { ttl: "3600" });
    const extended = writeMoment(machine, "ends", 9999);
    install(machine, { ttl: "3600", idle: "60" });
    assert.equal(ends(), extended);
  });

  it("counts another TTL from the beginning too", () => {
    install(machine, { ttl: "3600" });
    const since = writeMoment(machine, "since", -1000);
    install(machine, { ttl: "7200" });
    assert.equal(number("since"), since);
    assert.equal(ends(), since + 7200);
  });

  it("has no end without a TTL; a later one counts from then", () => {
    install(machine, { ttl: "3600" });
    writeMoment(machine, "since", -9999);
    install(machine, { idle: "60" });
    assert.equal(ends(), undefined);
    const before = Math.floor(Date.now() / 1000);
    install(machine, { ttl: "3600" });
    assert.ok((ends() ?? 0) >= before + 3600);
  });

  it("counts as activity", () => {
    install(machine, { idle: "60" });
    writeMoment(machine, "active", -1000);
    install(machine, { idle: "60" });
    assert.ok(number("active") > Date.now() / 1000 - 20);
  });
});

describe("removing a cluster's lifetime", () => {
  withMachine();
  it("stops the watcher, also at later boots", () => {
    install(machine, { ttl: "3600" });
    assert.deepEqual(remove(machine).calls, ["systemctl disable --now spark-swarm-lifetime"]);
    assert.ok(!machine.exists(PROGRAM));
  });

  it("forgets it: a later one counts from then", () => {
    install(machine, { ttl: "3600", command: "curl 'a token'" });
    writeMoment(machine, "since", -9999);
    writeMoment(machine, "ends", -6399);
    // The Swarm's file there must stay.
    machine.write(`${FOLDER}/hosts`, "worker-0 i-1\n");
    remove(machine);
    assert.ok(!machine.exists(`${FOLDER}/end`));
    assert.ok(machine.exists(`${FOLDER}/hosts`));
    const before = Math.floor(Date.now() / 1000);
    install(machine, { ttl: "3600" });
    assert.ok((ends() ?? 0) >= before + 3600);
  });
});

describe("a cluster's lifetime on a host without an init system", () => {
  const watcher = () => number("watcher");
  const isRunning = (pid: number) => {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" });
    return stdout !== "" && !stdout.startsWith("Z");
  };
  const gone = async (pid: number) => {
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  beforeEach(() => {
    machine = new Machine({ "/var/log/.keep": "" });
    machine.write("/fakes/sleep", "#!/bin/sh\nexec /bin/sleep 0.1\n", 0o755);
  });
  // The watcher writes into the machine's folder, so it ends first.
  afterEach(async () => {
    if (machine.exists(`${FOLDER}/watcher`)) {
      const pid = watcher();
      if (isRunning(pid)) process.kill(pid);
      await gone(pid);
    }
    machine.remove();
  });

  it("is enforced by a process that outlives the command", () => {
    assert.deepEqual(install(machine, { ttl: "3600" }).calls, []);
    assert.ok(isRunning(watcher()));
  });

  it("is enforced by one process, with the newest settings", async () => {
    install(machine, { ttl: "3600" });
    const first = watcher();
    install(machine, { ttl: "7200" });
    await gone(first);
    assert.notEqual(watcher(), first);
    assert.ok(isRunning(watcher()));
  });

  it("is no longer enforced after its removal", async () => {
    install(machine, { ttl: "3600" });
    const pid = watcher();
    remove(machine);
    await gone(pid);
    assert.ok(!machine.exists(PROGRAM));
    // As after a restart of the host, without a process.
    remove(machine);
  });
});
