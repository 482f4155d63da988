import assert from "node:assert/strict";
import type { Machine } from "./machine";
import { fails, type Rule, succeeds } from "./shell";
import { ADDRESS, freshMachine, MANAGER, ON_CLOUD, userDataOf } from "./user-data-script";

const HOST = "/usr/local/lib/spark-swarm/host";
const UNIT = "/etc/systemd/system/spark-swarm.service";

describe("user data on a machine with an init system", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = freshMachine({ "/run/systemd/system/.keep": "" });
  });
  afterEach(() => machine.remove());

  const variables = { ...MANAGER, ...ON_CLOUD };
  const install = () => succeeds(machine.run(userDataOf(variables)));
  /** Does what the service does at boot. */
  const boot = (rules: Rule[] = []) => machine.start(HOST, { rules: [...rules, ADDRESS] });

  it("becomes a service, and does nothing else", () => {
    const { calls } = install();
    assert.deepEqual(calls, [
      "systemctl daemon-reload",
      "systemctl enable --now --no-block spark-swarm",
    ]);
    assert.equal(machine.read(HOST), machine.read("script"));
    assert.equal(machine.read("/etc/hostname"), "fresh\n");
  });

  it("protects its keys", () => {
    install();
    assert.equal(machine.mode(HOST), "700");
  });

  it("runs at each boot, restarts after a failure, and writes its log to the usual file", () => {
    install();
    const unit = machine.read(UNIT).split("\n");
    for (const line of [
      `ExecStart=${HOST}`,
      "Restart=on-failure",
      "WantedBy=multi-user.target",
      "After=network-online.target",
      "StandardOutput=append:/var/log/user-data.log",
      "StandardError=inherit",
    ]) {
      assert.ok(unit.includes(line), line);
    }
    // Neither cloud-init nor services have HOME.
    assert.ok(unit.some((line) => /^Environment=HOME=\/root$/.test(line)));
    assert.equal(machine.mode(UNIT), "644");
  });

  it("may run twice", () => {
    install();
    const before = machine.read(UNIT);
    install();
    assert.equal(machine.read(UNIT), before);
  });

  it("makes the machine a manager as a service, and does not start itself again", () => {
    install();
    const { calls, stdout } = succeeds(boot([{ when: "info --format *", answer: "inactive\n" }]));
    assert.ok(!calls.some((call) => /^systemctl (enable|daemon-reload)/.test(call)));
    assert.deepEqual(
      calls.filter((call) => call.startsWith("swarm ")),
      [
        "swarm init --advertise-addr 10.108.0.7 --default-addr-pool 10.202.0.0/16 --task-history-limit 2",
      ],
    );
    assert.match(stdout, /forming the Swarm\n$/);
    assert.ok(calls.includes("systemctl reload-or-restart ssh"));
    assert.ok(calls.includes("hostname manager"));
  });

  it("reloads SSH by its local name", () => {
    install();
    const { calls } = succeeds(boot([{ when: "systemctl reload-or-restart ssh", status: 5 }]));
    assert.ok(calls.includes("systemctl reload-or-restart sshd"));
  });

  it("forms and restarts nothing at the next boot", () => {
    install();
    succeeds(boot([{ when: "info --format *", answer: "inactive\n" }]));
    const { calls } = succeeds(boot([{ when: "info --format *", answer: "active\n" }]));
    assert.ok(!calls.some((call) => /^(swarm |systemctl restart)/.test(call)), calls.join("\n"));
  });

  it("restarts the engine when its settings change", () => {
    install();
    const { calls } = succeeds(boot([{ when: "info --format *", answer: "active\n" }]));
    assert.ok(calls.includes("systemctl restart docker"));
    assert.deepEqual(JSON.parse(machine.read("/etc/docker/daemon.json")), {
      labels: ["role=manager", "instance=i-0123"],
      "insecure-registries": ["manager:5000"],
      "log-driver": "json-file",
      "log-opts": { "max-size": "10m", "max-file": "3" },
    });
  });

  it("waits for the private network, which may come up late", () => {
    install();
    const { calls } = succeeds(boot([{ ...ADDRESS, answer: "", times: 3 }]));
    const settled = calls.indexOf("hostname manager");
    const looks = calls.slice(0, settled).filter((call) => call.startsWith("ip -o -4 addr"));
    assert.equal(looks.length, 4);
  });

  it("allows SSH before any step that may fail", () => {
    install();
    fails(boot([{ when: "hostname manager", status: 1, answer: "not permitted\n" }]));
    assert.equal(machine.read("/etc/ssh/ssh_host_ed25519_key"), "host key\n");
    assert.match(machine.read("/root/.ssh/authorized_keys"), /^ssh-ed25519 client$/m);
  });

  it("ends with an error, which restarts the service, when a step fails", () => {
    install();
    fails(boot([{ when: "swarm init *", status: 1, answer: "no such interface\n" }]));
  });
});
