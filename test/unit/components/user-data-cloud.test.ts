import assert from "node:assert/strict";
import type { Machine } from "./machine";
import { type Ended, fails, type Rule, succeeds } from "./shell";
import {
  ADDRESS,
  freshMachine,
  MANAGER,
  ON_CLOUD,
  runLines,
  type Variables,
  WORKER,
} from "./user-data-script";

let machine: Machine;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withMachine(): void {
  beforeEach(() => {
    machine = freshMachine();
  });
  afterEach(() => machine.remove());
}

const run = (variables: Variables, lines: string, rules: Rule[] = []): Ended =>
  runLines(machine, variables, lines, [...rules, ADDRESS]);

describe("user data: the private address", () => {
  withMachine();
  const address = (variables: Variables, rules: Rule[] = []) =>
    succeeds(run(variables, "private_address", rules)).stdout;

  it("is the one in the cloud's private network, the first if there are several", () => {
    assert.equal(address({ ...WORKER, ...ON_CLOUD }), "10.108.0.7\n");
    const two = `${ADDRESS.answer}4: eth2    inet 10.108.0.8/20 scope global eth2\n`;
    assert.equal(
      address({ ...WORKER, ...ON_CLOUD }, [{ ...ADDRESS, answer: two }]),
      "10.108.0.7\n",
    );
  });

  it("is empty before the network is up", () => {
    assert.equal(address({ ...WORKER, ...ON_CLOUD }, [{ ...ADDRESS, answer: "" }]), "");
  });

  it("elsewhere is that of the default route", () => {
    const route = "192.0.2.1 via 172.20.0.1 dev eth0 src 172.20.0.9 uid 0 \n    cache \n";
    const rules = [{ when: "ip -4 route get 192.0.2.1", answer: route }];
    assert.equal(address(WORKER, rules), "172.20.0.9\n");
  });
});

describe("user data: settling in a cloud", () => {
  withMachine();
  const settle = (variables: Variables, rules: Rule[] = []) =>
    succeeds(run({ ...variables, ...ON_CLOUD }, "settle_in_cloud", rules));
  const hosts = () => machine.read("/etc/hosts");

  it("gives the host its name in the Swarm, which cloud-init must not change", () => {
    const { calls } = settle(WORKER);
    assert.ok(calls.includes("hostname worker-0"));
    assert.equal(machine.read("/etc/hostname"), "worker-0\n");
    assert.equal(
      machine.read("/etc/cloud/cloud.cfg.d/99-spark-swarm.cfg"),
      "preserve_hostname: true\nmanage_etc_hosts: false\n",
    );
  });

  it("adds the manager's address, for the registry, also on the manager itself", () => {
    settle(WORKER);
    assert.equal(hosts(), "127.0.0.1 localhost\n10.108.0.100 manager # spark-swarm\n");
    machine.write("/etc/hosts", "127.0.0.1 localhost\n");
    settle(MANAGER);
    assert.equal(hosts(), "127.0.0.1 localhost\n10.108.0.7 manager # spark-swarm\n");
  });

  it("adds it once, and replaces it after a change of the manager", () => {
    machine.write("/etc/hosts", "127.0.0.1 localhost\n\n::1 ip6-localhost\n");
    settle(WORKER);
    settle({ ...WORKER, MANAGER: "10.108.0.200" });
    assert.equal(
      hosts(),
      "127.0.0.1 localhost\n\n::1 ip6-localhost\n10.108.0.200 manager # spark-swarm\n",
    );
  });

  it("keeps containers from the metadata, by one rule however often it runs", () => {
    const rule = "PREROUTING -d 169.254.169.254 -j DROP";
    const calls = (rules: Rule[]) =>
      settle(WORKER, rules).calls.filter((call) => call.startsWith("iptables "));
    assert.deepEqual(calls([{ when: "iptables -t raw -C *", status: 1 }]), [
      `iptables -t raw -C ${rule}`,
      `iptables -t raw -I ${rule}`,
    ]);
    assert.deepEqual(calls([]), [`iptables -t raw -C ${rule}`]);
  });
});

describe("user data: the end of a host", () => {
  withMachine();
  const systemd = () => machine.write("/run/systemd/system/.keep", "");

  it("is a shutdown, which terminates a machine of EC2", () => {
    systemd();
    const ended = succeeds(run(WORKER, "end_host; echo goes on"));
    assert.deepEqual(ended.calls, ["systemctl poweroff"]);
    assert.match(ended.stdout, /the cluster has ended: shutting down\n$/);
  });

  it("is the end of the first process on a local host", () => {
    assert.deepEqual(succeeds(run(WORKER, "end_host; echo goes on")).calls, ["kill -TERM 1"]);
  });

  it("comes on a cloud when the manager has not answered for an hour", () => {
    systemd();
    const silentFor = (seconds: number, variables: Variables) => {
      const answered = `${Math.floor(Date.now() / 1000) - seconds}\n`;
      machine.write("/usr/local/lib/spark-swarm/answered", answered);
      return run(variables, "end_without_manager || true; echo goes on");
    };
    const cloud = { ...WORKER, ...ON_CLOUD };
    assert.match(silentFor(3500, cloud).stdout, /^goes on\n$/);
    const ended = succeeds(silentFor(3700, cloud));
    assert.deepEqual(ended.calls, ["systemctl poweroff"]);
    assert.doesNotMatch(ended.stdout, /goes on/);
    // A local host costs nothing.
    assert.match(silentFor(3700, WORKER).stdout, /^goes on\n$/);
  });
});

describe("user data: a machine that the cloud reclaims", () => {
  withMachine();
  const TOKEN = "curl *-X PUT *api/token";
  const NOTICE = "curl *spot/instance-action";
  const drains = ({ calls }: Ended) => calls.filter((call) => / drain$/.test(call));
  const watch = (rules: Rule[]) =>
    run({ ...WORKER, ...ON_CLOUD, SPOT: "yes" }, "watch_for_reclaim", rules);

  it("asks the manager to drain its node after the notice", () => {
    const ended = succeeds(
      watch([
        { when: TOKEN, answer: "t0ken" },
        { when: NOTICE, status: 22, times: 3 },
      ]),
    );
    assert.equal(drains(ended).length, 1);
    assert.match(drains(ended)[0] ?? "", /^ssh -i \S+join-key .* root@10\.108\.0\.100 drain$/);
    const asked = ended.calls.filter((call) => call.endsWith("instance-action"));
    assert.equal(asked.length, 4);
    for (const call of asked) assert.match(call, / -H X-aws-ec2-metadata-token: t0ken /);
  });

  it("continues to ask when the metadata or the manager does not answer", () => {
    const ended = succeeds(
      watch([
        { when: TOKEN, status: 28, times: 2 },
        { when: "ssh *drain", status: 255, times: 2 },
      ]),
    );
    assert.equal(drains(ended).length, 3);
  });
});

describe("user data: Docker", () => {
  withMachine();
  it("is used as it is if it is installed", () => {
    assert.deepEqual(succeeds(run(WORKER, "install_engine")).calls, []);
  });

  it("is installed if it is missing, after the machine's own updates", () => {
    const lacking = "command() { [[ $2 != dockerd ]]; }\ninstall_engine";
    const { calls, stdout } = succeeds(run(WORKER, lacking));
    assert.match(stdout, /installing Docker\n$/);
    assert.deepEqual(calls, [
      "apt-get -o DPkg::Lock::Timeout=120 update -qq",
      "apt-get -o DPkg::Lock::Timeout=120 install -y -qq docker.io",
    ]);
    fails(run(WORKER, lacking, [{ when: "apt-get * install *", status: 100 }]));
  });
});
