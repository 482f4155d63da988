import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changes, fails, type Rule, runScript, succeeds } from "./shell";

describe("swarm/form.sh", () => {
  const expected = ["manager m1", "worker-0 w0", "worker-1 w1"].join("\n");
  const ready = [
    "n1 ready active m1 manager",
    "n2 ready active w0 worker-0",
    "n3 ready active w1 worker-1",
  ];

  /** The nodes in the manager's list, one list for each check; the last one stays. */
  function nodes(...looks: string[][]): Rule[] {
    return looks.map((look, index) => ({
      when: "node inspect *",
      answer: `${look.join("\n")}\n`,
      times: index === looks.length - 1 ? undefined : 1,
    }));
  }
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "form-"));
    writeFileSync(join(folder, "bootstrapped"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const awaited = () => join(folder, "manager/hosts");
  const form = (rules: Rule[], timeout = 20, hosts = expected) =>
    runScript(
      "swarm/form.sh",
      {
        EXPECTED: hosts,
        TIMEOUT: `${timeout}`,
        NETWORK: "spark",
        SUBNET: "10.201.0.0/16",
        AWAITED: awaited(),
        OWN: folder,
      },
      [
        ...rules,
        { when: "node ls --quiet", answer: "n1\n" },
        { when: "info --format {{.Swarm.NodeAddr}}", answer: "127.0.0.1\n" },
      ],
    );

  it("changes nothing in a Swarm that is as desired", () => {
    const ended = succeeds(form(nodes(ready)));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.stdout + ended.stderr, "");
  });

  it("creates the overlay network, with room for VXLAN in its packets", () => {
    const ended = succeeds(form([...nodes(ready), { when: "network inspect *", status: 1 }]));
    const mtu = Number(readFileSync("/sys/class/net/lo/mtu", "utf8")) - 50;
    assert.deepEqual(changes(ended), [
      `network create --driver overlay --attachable --subnet 10.201.0.0/16 --opt com.docker.network.driver.mtu=${mtu} spark`,
    ]);
  });

  it("waits for the manager to form the Swarm", () => {
    const ended = succeeds(
      form([{ when: "node ls --quiet", status: 1, times: 3 }, ...nodes(ready)]),
    );
    assert.equal(ended.calls.filter((call) => call === "node ls --quiet").length > 4, true);
  });

  it("reports when the manager formed none", () => {
    const ended = fails(form([{ when: "node ls --quiet", status: 1 }], 0));
    assert.match(ended.stderr, /^The manager did not form a Swarm within 0 s\. /);
    assert.deepEqual(changes(ended), []);
  });

  it("waits for missing hosts, and names them once", () => {
    const ended = succeeds(
      form(nodes(ready.slice(0, 1), ready.slice(0, 1), ready.slice(0, 2), ready)),
    );
    assert.equal(
      ended.stdout,
      "waiting for worker-0,worker-1 to join the Swarm\nwaiting for worker-1 to join the Swarm\n",
    );
  });

  it("waits for a host whose node exists but is not ready", () => {
    const down = [...ready.slice(0, 2), "n3 down active w1 worker-1"];
    const ended = succeeds(form(nodes(down, ready)));
    assert.equal(ended.stdout, "waiting for worker-1 to join the Swarm\n");
    assert.deepEqual(changes(ended), []);
  });

  it("names the hosts that did not join, and how to find out why", () => {
    const ended = fails(form(nodes(ready.slice(0, 1)), 0));
    assert.match(
      ended.stderr,
      /^These hosts did not join the Swarm within 0 s: worker-0,worker-1\.\nSee why .*npx spark-swarm ssh worker-0 -- /,
    );
    assert.equal(ended.calls.at(-1), "node ls");
    assert.deepEqual(changes(ended), []);
  });

  it("waits until the manager's own bootstrap actions are done", () => {
    rmSync(join(folder, "bootstrapped"));
    const ended = fails(form(nodes(ready), 1));
    assert.match(ended.stderr, /^These hosts did not join the Swarm within 1 s: manager\.\n/);
  });

  it("ends with the reports of failed bootstrap actions; no host counts as lost", () => {
    const failed = join(folder, "failed");
    mkdirSync(failed);
    writeFileSync(join(failed, "w0"), "of the up before\n");
    // A host that retries as soon as it may, and fails again.
    const host = spawn("sh", [
      "-c",
      `while [ -e '${failed}' ]; do :; done; echo 'failed on worker-1' >'${folder}/w1'; mkdir '${failed}'; mv '${folder}/w1' '${failed}'`,
    ]);
    const ended = fails(form(nodes(ready.slice(0, 1))));
    host.kill();
    assert.match(ended.stderr, /^failed on worker-1\n.*`pulumi up` again/);
    assert.ok(!existsSync(awaited()));
  });

  it("records the hosts it waited for, whether or not they joined", () => {
    fails(form(nodes(ready.slice(0, 1)), 0));
    assert.equal(readFileSync(awaited(), "utf8"), `${expected}\n`);
    succeeds(form(nodes(ready), 20, "manager m1"));
    assert.equal(readFileSync(awaited(), "utf8"), "manager m1\n");
  });

  it("records no hosts if it could not wait", () => {
    fails(form([{ when: "node ls --quiet", status: 1 }], 0));
    assert.ok(!existsSync(awaited()));
  });

  const joined = ready.map((node) => node.replace(/active (w.*)/, "pause $1"));
  const OPENED = ["n2", "n3"].map((id) => `node update --availability active ${id}`);

  it("activates joined hosts once all have joined", () => {
    const ended = succeeds(form(nodes(joined.slice(0, 2), joined)));
    assert.deepEqual(changes(ended), OPENED);
  });

  it("waits for news of them to spread if there are services already", () => {
    const work = { when: "service ls --quiet", answer: "s1\n" };
    const ended = succeeds(form([...nodes(joined), work]));
    assert.deepEqual(changes(ended), OPENED);
    const opened = ended.calls.indexOf(OPENED[0] ?? "");
    assert.ok(ended.calls.slice(0, opened).includes("sleep 2"));
  });

  it("does not activate hosts that will be deleted", () => {
    const ended = succeeds(form(nodes([...ready, "n4 ready pause w2 worker-2"])));
    assert.deepEqual(changes(ended), ["node update --availability drain n4", "node rm --force n4"]);
  });

  it("waits for a host that replaced another of its name, then removes the old node", () => {
    const old = [...ready.slice(0, 2), "n3 down active w1-old worker-1"];
    const ended = succeeds(form(nodes(old, [...old, "n4 ready active w1 worker-1"])));
    assert.equal(ended.stdout, "waiting for worker-1 to join the Swarm\nremoving node worker-1\n");
    // Without draining: there is no node left that could hand anything over.
    assert.deepEqual(changes(ended), ["node rm --force n3"]);
  });

  it("drains a surplus node, waits for its tasks and removes it", () => {
    const ended = succeeds(
      form([
        ...nodes([...ready, "n4 ready active w2 worker-2", "n5 down active w3 worker-3"]),
        {
          when: "node ps --filter desired-state=running *",
          answer: "Running 2 minutes ago\n",
          times: 2,
        },
        {
          when: "node ps --filter desired-state=shutdown *",
          answer: "Running 1 second ago\n",
          times: 4,
        },
        { when: "node ps --filter desired-state=shutdown *", answer: "Shutdown 1 second ago\n" },
      ]),
    );
    assert.equal(
      ended.stdout,
      "draining worker-2\nremoving node worker-2\nremoving node worker-3\n",
    );
    assert.deepEqual(changes(ended), [
      "node update --availability drain n4",
      "node rm --force n4",
      "node rm --force n5",
    ]);
    const looks = ended.calls.filter((call) => call.startsWith("node ps --filter "));
    assert.equal(looks.length, 2 * 5);
    assert.ok(looks.every((call) => call.endsWith(" n4")));
    assert.ok(ended.calls.indexOf("node rm --force n4") > ended.calls.lastIndexOf(looks[0] ?? ""));
  });

  it("lets services hand over surplus nodes' data before these are drained", () => {
    const HAND_OVER = "exec c1 python3 hand_over.py";
    const ended = succeeds(
      form([
        ...nodes([...ready, "n4 ready active w2 worker-2"]),
        { when: "ps --filter label=spark-swarm.hand-over *", answer: "c1 python3 hand_over.py\n" },
        { when: "node ps --quiet * n4", answer: "t1\n" },
        { when: "inspect --format * t1", answer: "10.201.0.7/16 \n" },
        { when: `${HAND_OVER} 10.201.0.7`, answer: "1 hosts hand over 0.1 GB\n" },
        { when: "exec --detach c1 python3 hand_over.py" },
      ]),
    );
    const calls = ended.calls.filter((call) => /^exec|drain n4$|^node rm/.test(call));
    assert.deepEqual(calls, [
      `${HAND_OVER} 10.201.0.7`,
      "node update --availability drain n4",
      "node rm --force n4",
      "exec --detach c1 python3 hand_over.py",
    ]);
    assert.match(ended.stdout, /hand over 0\.1 GB/);
  });

  it("continues with a report when data cannot be handed over", () => {
    const ended = succeeds(
      form([
        ...nodes([...ready, "n4 ready active w2 worker-2"]),
        { when: "ps --filter label=spark-swarm.hand-over *", answer: "c1 hand-over\n" },
        { when: "exec c1 *", status: 1 },
      ]),
    );
    assert.match(ended.stderr, /hand-over ended with status 1/);
    assert.ok(ended.calls.includes("node rm --force n4"));
  });

  it("removes nothing while a host is missing", () => {
    const ended = fails(form(nodes([...ready.slice(0, 2), "n4 ready active w2 worker-2"]), 0));
    assert.deepEqual(changes(ended), []);
  });

  it("accepts a Swarm of the manager alone", () => {
    assert.deepEqual(changes(succeeds(form(nodes(ready.slice(0, 1)), 20, "manager m1"))), []);
  });
});
