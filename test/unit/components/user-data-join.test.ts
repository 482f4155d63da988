import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "./machine";
import { type Ended, fails, type Rule, succeeds } from "./shell";
import { ADDRESS, freshMachine, MANAGER, ON_CLOUD, runLines, WORKER } from "./user-data-script";

const LIBRARY = "/usr/local/lib/spark-swarm";
const SERVICE = `${LIBRARY}/join-service`;
/** On the manager, for all hosts. */
const BOOTSTRAP = `${LIBRARY}/i-0123/bootstrap`;

let machine: Machine;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withMachine(): void {
  beforeEach(() => {
    machine = freshMachine();
  });
  afterEach(() => machine.remove());
}

describe("user data: access by SSH", () => {
  withMachine();
  const KEYS = "/root/.ssh/authorized_keys";

  it("to a worker: users with their key", () => {
    succeeds(runLines(machine, WORKER, "configure_ssh"));
    assert.equal(machine.read(KEYS), "ssh-ed25519 client\n");
    assert.equal(machine.mode(KEYS), "600");
    assert.ok(!machine.exists(SERVICE));
  });

  it("to the manager: also workers, only for the service", () => {
    succeeds(runLines(machine, MANAGER, "configure_ssh"));
    assert.equal(
      machine.read(KEYS),
      `ssh-ed25519 client\nrestrict,command="${SERVICE}" join key\n`,
    );
    assert.equal(machine.mode(SERVICE), "755");
  });

  it("shows the host key that was made in advance, and no other", () => {
    succeeds(runLines(machine, WORKER, "configure_ssh"));
    assert.equal(machine.read("/etc/ssh/ssh_host_ed25519_key"), "host key\n");
    assert.equal(machine.mode("/etc/ssh/ssh_host_ed25519_key"), "600");
    const config = machine.read("/etc/ssh/sshd_config.d/10-spark-swarm.conf").split("\n");
    for (const line of ["PasswordAuthentication no", "PermitRootLogin prohibit-password"]) {
      assert.ok(config.includes(line), line);
    }
  });
});

describe("join-service", () => {
  withMachine();
  const caller = "10.108.0.102";
  /** Runs the service as sshd does for a connected worker. */
  const ask = (command: string | undefined, rules: Rule[] = [], input = ""): Ended => {
    succeeds(runLines(machine, MANAGER, "configure_ssh"));
    return machine.start(SERVICE, {
      rules,
      input,
      environment: {
        SSH_CONNECTION: `${caller} 50000 10.108.0.100 22`,
        ...(command === undefined ? {} : { SSH_ORIGINAL_COMMAND: command }),
      },
    });
  };

  it("token: prints the token for workers", () => {
    const rule = { when: "swarm join-token --quiet worker", answer: "SWMTKN-1-a-b\n" };
    const { stdout, calls } = succeeds(ask("token", [rule]));
    assert.deepEqual([stdout, calls], ["SWMTKN-1-a-b\n", [rule.when]]);
  });

  it("token: reports whether there are bootstrap actions, and prints nothing before that is known", () => {
    const rule = { when: "swarm join-token --quiet worker", answer: "SWMTKN-1-a-b\n" };
    machine.write(BOOTSTRAP, "#!/usr/bin/env bash\n");
    assert.equal(succeeds(ask("token", [rule])).stdout, "SWMTKN-1-a-b\nbootstrap\n");
    rmSync(join(machine.root, BOOTSTRAP));
    assert.deepEqual(fails(ask("token", [rule])).calls, []);
  });

  it("bootstrap: prints the actions, but not to a host that failed until that was reported", () => {
    machine.write(BOOTSTRAP, "the actions");
    assert.equal(succeeds(ask("bootstrap")).stdout, "the actions");
    succeeds(ask("failed", [], "action 1 failed\n"));
    const record = `${LIBRARY}/i-0123/failed/${caller}`;
    assert.equal(machine.read(record), "action 1 failed\n");
    assert.equal(fails(ask("bootstrap")).stdout, "");
    rmSync(join(machine.root, record));
    assert.equal(succeeds(ask("bootstrap")).stdout, "the actions");
  });

  it("token: reports the end of the cluster without a request to Docker", () => {
    machine.write("/run/spark-swarm-ending", "");
    const { stdout, calls } = succeeds(ask("token"));
    assert.deepEqual([stdout, calls], ["end\n", []]);
  });

  describe("drain", () => {
    const nodes = (...addresses: string[]): Rule[] => [
      { when: "node ls --quiet", answer: addresses.map((_, index) => `n${index}\n`).join("") },
      {
        when: "node inspect --format {{.Status.Addr}} {{.ID}} n0 *",
        answer: addresses.map((address, index) => `${address} n${index}\n`).join(""),
      },
    ];
    const updates = ({ calls }: Ended) => calls.filter((call) => call.startsWith("node update"));

    it("drains the caller's own node and no other, however alike their addresses", () => {
      const ended = succeeds(
        ask("drain", nodes("10.108.0.100", "10.108.0.10", caller, "110.108.0.102", "10.108.0.1")),
      );
      assert.deepEqual(updates(ended), ["node update --availability drain n2"]);
    });

    it("fails for a caller that has no node", () => {
      const needsNode = { when: "node update --availability drain", status: 1 };
      const ended = fails(ask("drain", [...nodes("10.108.0.100", "10.108.0.10"), needsNode]));
      assert.ok(!updates(ended).some((call) => /drain n/.test(call)));
    });
  });

  describe("data", () => {
    /** The names in the archive that it returns. */
    const fetched = (list: string): string[] => {
      for (const name of ["a", "b", "folder/c", "two words", "a..b"]) {
        machine.write(`/data/${name}`, `text of ${name}`);
      }
      machine.write("/root/secret", "secret");
      succeeds(runLines(machine, MANAGER, "configure_ssh"));
      const archive = join(machine.root, "archive");
      const script = `exec >'${archive}' "$0"`;
      const { status } = spawnSync("bash", ["-c", script, join(machine.root, SERVICE)], {
        input: list,
        env: { ...process.env, SSH_CONNECTION: caller, SSH_ORIGINAL_COMMAND: "data" },
      });
      const { stdout } = spawnSync("tar", ["-tf", archive], { encoding: "utf8" });
      return status === 0 ? stdout.split("\n").slice(0, -1).sort() : ["refused"];
    };

    it("returns the files that are named, one a line", () => {
      assert.deepEqual(fetched("./a\n./folder\n"), ["./a", "./folder/", "./folder/c"]);
      assert.deepEqual(fetched("two words\na..b\n"), ["a..b", "two words"]);
    });

    it("returns all if none is named", () => {
      const all = ["./", "./a", "./a..b", "./b", "./folder/", "./folder/c", "./two words"];
      assert.deepEqual(fetched(""), all);
    });

    it("returns no files of other folders", () => {
      for (const name of ["../root/secret", "folder/../../root/secret", "..", "/etc/hostname"]) {
        assert.deepEqual(fetched(`a\n${name}\n`), ["refused"], name);
      }
    });

    it("does not treat a name as an option", () => {
      assert.deepEqual(fetched("--to-command=touch\n"), ["refused"]);
    });
  });

  for (const command of [undefined, "", "bash", "token; bash", "token ", "drain n0", "--help"]) {
    it(`${JSON.stringify(command)}: is refused, with the allowed commands`, () => {
      const { stderr, calls } = fails(ask(command));
      assert.equal(stderr, "this key may only ask for: token, data, drain, bootstrap, failed\n");
      assert.deepEqual(calls, []);
    });
  }
});

describe("user data: joining the Swarm", () => {
  withMachine();
  const TOKEN = "SWMTKN-1-swarm-password";
  const worker = { ...WORKER, ...ON_CLOUD };
  const state = (answer: string): Rule => ({ when: "info --format *", answer: `${answer}\n` });
  const attempt = (token: string, swarmState: string, rules: Rule[] = []): Ended =>
    runLines(machine, worker, "prepare_join; join_swarm || exit 1", [
      ...rules,
      { when: "ssh * token", answer: token },
      state(swarmState),
      ADDRESS,
    ]);
  const changes = ({ calls }: Ended) => calls.filter((call) => call.startsWith("swarm "));
  const JOINS = `swarm join --token ${TOKEN} --availability pause --advertise-addr 10.108.0.7 10.108.0.100:2377`;
  beforeEach(() => {
    // The fake manager's answer is not an archive.
    machine.write("/fakes/tar", "#!/bin/sh\ncat >/dev/null\n", 0o755);
  });

  it("fetches the files first, and joins from the private network", () => {
    const ended = succeeds(attempt(TOKEN, "inactive"));
    assert.deepEqual(changes(ended), [JOINS]);
    const order = ended.calls.map((call) => call.split(" ").at(-1));
    assert.ok(order.indexOf("data") < ended.calls.indexOf(JOINS));
    assert.equal(machine.read(`${LIBRARY}/joined`), "SWMTKN-1-swarm\n");
  });

  it("uses only the join key, and pins the manager's host key", () => {
    const { calls } = succeeds(attempt(TOKEN, "inactive"));
    const [ssh = ""] = calls.filter((call) => call.startsWith("ssh "));
    for (const option of [
      `-i ${LIBRARY}/join-key`,
      "-o IdentitiesOnly=yes",
      "-o StrictHostKeyChecking=yes",
      `-o UserKnownHostsFile=${LIBRARY}/known-hosts`,
      "-o HostKeyAlias=manager",
    ]) {
      assert.ok(ssh.includes(` ${option} `), `${option}: ${ssh}`);
    }
    assert.equal(machine.read(`${LIBRARY}/known-hosts`), "manager ssh-ed25519 manager\n");
    assert.equal(machine.mode(`${LIBRARY}/join-key`), "600");
  });

  describe("after bootstrap actions", () => {
    const WITH = `${TOKEN}\nbootstrap`;
    const gives = (script: string): Rule => ({
      when: "ssh * bootstrap",
      answer: `#!/usr/bin/env bash\n${script}\n`,
    });
    const heard = ({ calls }: Ended) => calls.map((call) => call.split(" ").at(-1));
    const DONE = `${LIBRARY}/i-0123/bootstrapped`;

    it("runs them before joining, and only once in its life", () => {
      const works = gives(`echo "$1 $2" >>${machine.root}/ran`);
      for (const state of ["inactive", "active", "inactive"]) {
        succeeds(attempt(WITH, state, [works]));
      }
      assert.equal(machine.read("/ran"), "worker worker-0\n");
      assert.equal(machine.read(`${LIBRARY}/joined`), "SWMTKN-1-swarm\n");
    });

    it("reports a failure to the manager, and does not join", () => {
      const ended = fails(attempt(WITH, "inactive", [gives("echo it failed; exit 1")]));
      assert.ok(heard(ended).includes("failed"));
      assert.match(ended.stdout, /^it failed$/m);
      assert.deepEqual(changes(ended), []);
      assert.ok(!machine.exists(DONE));
      succeeds(attempt(WITH, "inactive", [gives("true")]));
      assert.ok(machine.exists(DONE));
    });

    it("waits while they are not available, and does not ask if there are none", () => {
      const waiting = fails(attempt(WITH, "inactive", [{ when: "ssh * bootstrap", status: 1 }]));
      assert.deepEqual(changes(waiting), []);
      assert.ok(!heard(waiting).includes("failed"));
      assert.ok(!heard(succeeds(attempt(TOKEN, "inactive"))).includes("bootstrap"));
      assert.ok(machine.exists(DONE), "actions that come later are for hosts that come later");
    });
  });

  it("stays a member when only the token's password changes", () => {
    succeeds(attempt(TOKEN, "inactive"));
    assert.deepEqual(changes(succeeds(attempt("SWMTKN-1-swarm-other", "active"))), []);
    assert.deepEqual(changes(succeeds(attempt(TOKEN, "pending"))), []);
  });

  it("leaves the Swarm of a manager that was replaced, and restarts the engine, which keeps its keys", () => {
    succeeds(attempt("SWMTKN-1-old-password", "inactive"));
    const { calls, ...ended } = succeeds(attempt(TOKEN, "active"));
    assert.deepEqual(changes({ calls, ...ended }), ["swarm leave --force", JOINS]);
    const restart = calls.indexOf("pkill -x dockerd");
    assert.ok(calls.indexOf("swarm leave --force") < restart && restart < calls.indexOf(JOINS));

    machine.write("/run/systemd/system/.keep", "");
    assert.ok(
      succeeds(attempt("SWMTKN-1-next-password", "active")).calls.includes(
        "systemctl restart docker",
      ),
    );
  });

  it("joins again when it is no longer a member", () => {
    succeeds(attempt(TOKEN, "inactive"));
    assert.deepEqual(changes(succeeds(attempt(TOKEN, "inactive"))), [JOINS]);
    assert.deepEqual(changes(succeeds(attempt(TOKEN, "error"))), ["swarm leave --force", JOINS]);
  });

  it("fails when a step fails, and will be retried; records only a membership", () => {
    for (const when of ["ssh * token", "ssh * data", "swarm join *"]) {
      fails(attempt(TOKEN, "inactive", [{ when, status: 1 }]));
      assert.ok(!machine.exists(`${LIBRARY}/joined`), when);
    }
  });

  it("records when the manager answered, whether or not the rest succeeds", () => {
    fails(attempt(TOKEN, "inactive", [{ when: "ssh * token", status: 255 }]));
    assert.ok(!machine.exists(`${LIBRARY}/answered`));
    fails(attempt(TOKEN, "inactive", [{ when: "swarm join *", status: 1 }]));
    const answered = Number(machine.read(`${LIBRARY}/answered`));
    assert.ok(Math.abs(answered - Date.now() / 1000) < 20);
  });

  it("ends the host when the cluster has ended", () => {
    machine.write("/run/systemd/system/.keep", "");
    const ended = succeeds(attempt("end", "active"));
    assert.deepEqual(ended.calls.slice(-1), ["systemctl poweroff"]);
    assert.deepEqual(changes(ended), []);
  });
});
