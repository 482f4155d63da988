import assert from "node:assert/strict";
import { manager, runLines } from "./lifetime-script";
import type { Machine } from "./machine";
import { type Ended, type Rule, succeeds } from "./shell";

let machine: Machine;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withMachine(): void {
  beforeEach(() => {
    machine = manager();
    machine.write("/var/lib/spark-swarm/lifetime.conf", "TTL=\nIDLE=60\nARCHIVE=\n");
  });
  afterEach(() => machine.remove());
}

const run = (lines: string, rules: Rule[] = []): Ended => runLines(machine, lines, rules);
const SSH = "ss -tinHO state established ( sport = :22 )";
const BASTION = "nsenter --net --target 4711 ss -tinHO state established ( sport = :2222 )";

/** A line as `ss` prints it, recorded with iproute2 6.1. */
const line = (peer: string, bytes = "bytes_sent:5 bytes_acked:5 bytes_received:7 ") =>
  `0      0      [::ffff:10.108.0.100]:22 ${peer} bbr wscale:10,10 rto:204 rtt:0.022/0.011 ato:40 mss:32768 pmtu:65535 rcvmss:536 advmss:65483 cwnd:11 ${bytes}segs_out:2 segs_in:4 data_segs_out:1 data_segs_in:1 bbr:(bw:17476265624bps,mrtt:0.015,pacing_gain:2.88672,cwnd_gain:2.88672) send 131072000000bps lastsnd:320 lastrcv:320 lastack:320 delivered:2 app_limited rcv_space:65483 minrtt:0.01 snd_wnd:65536   \n`;

describe("connections of users", () => {
  withMachine();
  // Like the watcher, which ignores failures.
  const connections = (rules: Rule[]) => succeeds(run("connections || true", rules)).stdout;

  it("are those of SSH, with the bytes of both directions", () => {
    const answer = [
      line("[::ffff:198.51.100.7]:34844"),
      line("198.51.100.8:40000", "bytes_sent:100000 bytes_retrans:14 bytes_acked:99986 "),
      // No data yet.
      line("[2001:db8::7]:51162", ""),
    ].join("");
    assert.equal(
      connections([{ when: SSH, answer }]),
      "[::ffff:198.51.100.7]:34844 12\n198.51.100.8:40000 100000\n[2001:db8::7]:51162 0\n",
    );
  });

  it("exclude those of the cluster's other hosts", () => {
    const answer = ["10.108.0.101:1", "[::ffff:10.108.0.102]:1", "10.108.0.10:1"].map((peer) =>
      line(peer),
    );
    assert.equal(
      connections([
        { when: SSH, answer: answer.join("") },
        { when: "node ls --quiet", answer: "n0\nn1\nn2\n" },
        {
          when: "node inspect --format {{.Status.Addr}} n0 n1 n2",
          answer: "10.108.0.100\n10.108.0.101\n10.108.0.102\n",
        },
      ]),
      "10.108.0.10:1 12\n",
    );
  });

  it("include the bastion's, in its container's network", () => {
    const bastion: Rule[] = [
      { when: "ps --quiet --filter *bastion_sshd", answer: "c1\nc0\n" },
      { when: "inspect --format {{.State.Pid}} c1", answer: "4711\n" },
      { when: BASTION, answer: line("198.51.100.7:2") },
    ];
    assert.equal(
      connections([{ when: SSH, answer: line("198.51.100.7:1") }, ...bastion]),
      "198.51.100.7:1 12\n198.51.100.7:2 12\n",
    );
  });

  it("are only SSH's before there is a Swarm and a bastion", () => {
    assert.equal(
      connections([
        { when: SSH, answer: line("198.51.100.7:1") },
        { when: "node ls *", status: 1, answer: "This node is not a swarm manager\n" },
      ]),
      "198.51.100.7:1 12\n",
    );
  });
});

describe("use of connections", () => {
  withMachine();
  const isUse = (before: string[], after: string[]) => {
    machine.write("/data/before", before.map((one) => `${one}\n`).join(""));
    machine.write("/data/after", after.map((one) => `${one}\n`).join(""));
    return run("busy /data/before /data/after").status === 0;
  };

  it("is more traffic than keeping one alive", () => {
    assert.equal(isUse(["a:1 5000"], ["a:1 5100"]), false);
    assert.equal(isUse(["a:1 5000"], ["a:1 5600"]), false);
    assert.equal(isUse(["a:1 5000"], ["a:1 5601"]), true);
  });

  it("may be on one connection of several", () => {
    assert.equal(isUse(["a:1 0", "b:1 9000"], ["b:1 9100", "a:1 700"]), true);
    // Several idle connections do not count together.
    assert.equal(isUse(["a:1 0", "b:1 0"], ["a:1 400", "b:1 400"]), false);
  });

  it("is not a short query, alone or next to others", () => {
    assert.equal(isUse([], ["a:1 9000"]), false);
    assert.equal(isUse(["b:1 0"], ["b:1 0", "a:1 9000"]), false);
    assert.equal(isUse(["a:1 9000"], []), false);
  });

  it("is not another connection from the same address", () => {
    assert.equal(isUse(["a:1 0"], ["a:2 9000"]), false);
    assert.equal(isUse(["a:1 9000"], ["a:1 300"]), false);
  });

  it("is absent without connections", () => {
    assert.equal(isUse([], []), false);
  });
});

describe("Spark's applications", () => {
  withMachine();
  const MASTER: Rule = { when: "ps --quiet --filter *spark_master", answer: "c1\n" };
  const applications = (rules: Rule[]) => succeeds(run("applications", rules)).stdout;

  it("are those that the master reports", () => {
    const answer = "app-1\napp-2\n";
    assert.equal(
      applications([MASTER, { when: "exec c1 python3 -c *activeapps*", answer }]),
      answer,
    );
  });

  it("are none when there is no master, or it does not answer", () => {
    assert.equal(applications([]), "");
    assert.equal(applications([MASTER, { when: "exec c1 *", status: 1, answer: "refused\n" }]), "");
  });

  it("hold cores: a shell that has released its cores is idle", () => {
    // The query to the master, answered by a file.
    const state = {
      activeapps: [
        { id: "app-1", cores: 0 },
        { id: "app-2", cores: 2 },
      ],
    };
    machine.write("/fakes/master.json", JSON.stringify(state));
    machine.write(
      "/fakes/docker",
      `#!/bin/sh
if [ "$1" = ps ]; then echo c1; exit; fi
# exec CONTAINER python3 -c QUESTION
exec python3 -c "$(printf '%s' "$5" | sed 's|http://master:8080/json/|file://${machine.root}/fakes/master.json|')"
`,
      0o755,
    );
    assert.equal(applications([]), "app-2\n");
  });
});
