import assert from "node:assert/strict";
import { ENDING, FOLDER, install, manager, PROGRAM, writeMoment } from "./lifetime-script";
import type { Machine } from "./machine";
import { type Ended, fails, type Rule, succeeds } from "./shell";

let machine: Machine;
/** Adds hooks to a suite: hooks at the top level would apply to all files. */
function withMachine(): void {
  beforeEach(() => {
    machine = manager();
  });
  afterEach(() => machine.remove());
}

const lifetime = (args: string[], rules: Rule[] = []): Ended =>
  machine.start(PROGRAM, { args, rules });
const now = () => Math.floor(Date.now() / 1000);

interface Shown {
  now: number;
  ends: number | null;
  idleLimit: number | null;
  idleFor: number;
  ending: boolean;
  archive: string;
  archiveError: string;
}
const shown = ({ stdout }: Ended): Shown => {
  assert.match(stdout, /^\{.*\}\n$/);
  return JSON.parse(stdout);
};

describe("lifetime show", () => {
  withMachine();
  it("prints when the cluster ends, and how long it has been idle", () => {
    install(machine, { ttl: "3600", idle: "1800" });
    writeMoment(machine, "active", -100);
    const state = shown(succeeds(lifetime(["show"])));
    assert.ok(Math.abs(state.now - now()) < 20);
    assert.ok(state.idleFor >= 100 && state.idleFor < 120);
    assert.deepEqual(state, {
      now: state.now,
      ends: Number(machine.read(`${FOLDER}/ends`)),
      idleLimit: 1800,
      idleFor: state.idleFor,
      ending: false,
      archive: "",
      archiveError: "",
    });
  });

  it("prints that there is no limit, and that the cluster is ending", () => {
    install(machine, { idle: "1800" });
    assert.equal(shown(lifetime(["show"])).ends, null);
    install(machine, { ttl: "3600" });
    machine.write(ENDING, "");
    const { idleLimit, ending } = shown(lifetime(["show"]));
    assert.deepEqual([idleLimit, ending], [null, true]);
  });
});

describe("lifetime extend", () => {
  withMachine();
  it("moves the end by the given time", () => {
    install(machine, { ttl: "3600" });
    const ends = writeMoment(machine, "ends", 500);
    assert.equal(shown(succeeds(lifetime(["extend", "7200"]))).ends, ends + 7200);
    assert.equal(shown(lifetime(["extend", "60"])).ends, ends + 7260);
  });

  it("counts from now when the end has passed", () => {
    install(machine, { ttl: "3600" });
    writeMoment(machine, "ends", -500);
    const { now: moment, ends } = shown(lifetime(["extend", "7200"]));
    assert.ok(Math.abs((ends ?? 0) - moment - 7200) <= 1);
  });

  it("gives no end to a cluster that has none", () => {
    install(machine, { idle: "1800" });
    const { status, stderr } = fails(lifetime(["extend", "7200"]));
    assert.deepEqual(
      [status, stderr],
      [1, "there is no end to be moved: lifetime.ttl gives it one\n"],
    );
    assert.equal(shown(lifetime(["show"])).ends, null);
  });

  it("counts as activity", () => {
    install(machine, { ttl: "3600", idle: "1800" });
    writeMoment(machine, "active", -1700);
    assert.ok(shown(lifetime(["extend", "60"])).idleFor < 20);
  });
});

describe("lifetime", () => {
  withMachine();
  it("prints its commands when it gets another one", () => {
    install(machine, { ttl: "3600" });
    for (const args of [[], ["stop"]]) {
      const ended = fails(lifetime(args));
      assert.deepEqual(
        [ended.status, ended.stderr],
        [64, "lifetime: show, extend SECONDS, archive or watch\n"],
      );
    }
  });
});

describe("lifetime watch", () => {
  withMachine();
  /** Checks this many times before it is stopped. */
  const watch = (looks: number, rules: Rule[] = []): Ended =>
    succeeds(
      lifetime(
        ["watch"],
        [...rules, { when: "sleep 5", times: looks }, { when: "sleep 5", status: 1 }],
      ),
    );
  const COMMAND = "echo the machines end >>/var/lib/spark-swarm/ended";
  const ended = () => (machine.exists(`${FOLDER}/ended`) ? machine.read(`${FOLDER}/ended`) : "");
  const connection = (bytes: number) =>
    `0 0 10.108.0.100:22 198.51.100.7:1 bbr bytes_sent:${bytes} segs_out:2\n`;
  const SS = "ss -tinHO *";

  it("ends the cluster after its TTL", () => {
    install(machine, { ttl: "3600", command: COMMAND });
    writeMoment(machine, "ends", -1);
    const { stdout } = watch(1);
    assert.equal(ended(), "the machines end\n");
    assert.match(stdout, /ending the cluster: its time is over\n/);
    assert.ok(machine.exists(ENDING));
  });

  it("does not end it before", () => {
    install(machine, { ttl: "3600", idle: "1800", command: COMMAND });
    const { stdout } = watch(3);
    assert.deepEqual([ended(), stdout, machine.exists(ENDING)], ["", "", false]);
  });

  it("ends it after the idle limit", () => {
    install(machine, { idle: "900", command: COMMAND });
    writeMoment(machine, "active", -901);
    const { stdout } = watch(1);
    assert.equal(ended(), "the machines end\n");
    assert.match(stdout, /ending the cluster: nobody has used it for 900 s\n/);
  });

  it("does not count an idle connection as use", () => {
    install(machine, { idle: "900", command: COMMAND });
    writeMoment(machine, "active", -901);
    watch(1, [
      { when: SS, answer: connection(5000), times: 1 },
      { when: SS, answer: connection(5100) },
    ]);
    assert.equal(ended(), "the machines end\n");
  });

  for (const [what, rules] of [
    [
      "a connection is used",
      [
        { when: SS, answer: connection(5000), times: 1 },
        { when: SS, answer: connection(9000) },
      ],
    ],
    [
      "an application holds cores",
      [
        { when: "ps --quiet --filter *spark_master", answer: "c1\n" },
        { when: "exec c1 *", answer: "app-1\n" },
      ],
    ],
  ] as const) {
    it(`counts from the last use: ${what}`, () => {
      install(machine, { idle: "900", command: COMMAND });
      writeMoment(machine, "active", -901);
      watch(2, [...rules]);
      assert.equal(ended(), "");
      assert.ok(Number(machine.read(`${FOLDER}/active`)) > now() - 20);
    });
  }

  it("compares each check with the previous one", () => {
    install(machine, { idle: "900", command: COMMAND });
    const active = writeMoment(machine, "active", -100);
    // 1,500 in all, never more than 500 at once.
    const looks = [5000, 5500, 6000, 6500];
    watch(
      3,
      looks.map((bytes) => ({ when: SS, answer: connection(bytes), times: 1 })),
    );
    assert.equal(Number(machine.read(`${FOLDER}/active`)), active);
  });

  it("does not check for use if there is only a TTL", () => {
    install(machine, { ttl: "3600", command: COMMAND });
    const { calls } = watch(3);
    assert.equal(calls.filter((call) => call.startsWith("ss ")).length, 1);
    assert.ok(!calls.some((call) => /spark_master/.test(call)));
  });

  it("applies an extension at once", () => {
    install(machine, { ttl: "3600", command: COMMAND });
    writeMoment(machine, "ends", -1);
    lifetime(["extend", "60"]);
    watch(2);
    assert.equal(ended(), "");
  });

  it("does nothing where machines cannot be ended, but continues to count", () => {
    install(machine, { ttl: "3600", idle: "900" });
    writeMoment(machine, "ends", -1);
    writeMoment(machine, "active", -901);
    watch(2);
    assert.ok(!machine.exists(ENDING));
    assert.ok(shown(lifetime(["show"])).idleFor >= 901);
  });

  describe("when the end has come", () => {
    beforeEach(() => {
      install(machine, { ttl: "3600", command: COMMAND });
      writeMoment(machine, "ends", -1);
    });
    const NODES = "node ls --filter role=worker --format {{.Status}}";

    it("lets the workers shut down first, when they ask", () => {
      const { calls } = watch(1, [
        { when: NODES, answer: "Ready\nDown\n", times: 3 },
        { when: NODES, answer: "Down\nDown\n" },
      ]);
      assert.equal(calls.filter((call) => call === NODES).length, 4);
      assert.equal(calls.filter((call) => call === "sleep 2").length, 3);
      assert.equal(ended(), "the machines end\n");
    });

    it("retries when the machines could not be ended", () => {
      // Fails once.
      install(machine, {
        ttl: "3600",
        command: `${COMMAND}; test "$(wc -l </var/lib/spark-swarm/ended)" -ge 2`,
      });
      const { calls, stdout } = watch(1);
      assert.equal(ended(), "the machines end\n".repeat(2));
      assert.equal(calls.filter((call) => call === "sleep 30").length, 1);
      assert.match(stdout, /the machines could not be ended; trying again\n/);
    });

    const ARCHIVE = "s3a://my-bucket/kept/dev-2026-11-29T120000Z";
    const MASTER: Rule = { when: "ps --quiet --filter *spark_master", answer: "c1\n" };
    const TAKE = `exec c1 python3 */spark-store archive */data/keep ${ARCHIVE}`;
    const takes = (call: string) => call.startsWith("exec c1 python3 ") && call.endsWith(ARCHIVE);

    it("archives the kept files first", () => {
      install(machine, { ttl: "3600", command: COMMAND, archive: ARCHIVE });
      const { calls, stdout } = watch(1, [MASTER, { when: TAKE, answer: "2 files\n" }]);
      const taken = calls.findIndex(takes);
      assert.ok(taken > 0 && taken < calls.indexOf(NODES));
      assert.match(stdout, /ending the cluster: its time is over\n2 files\n/);
      assert.equal(ended(), "the machines end\n");
    });

    it("archives nothing of a half-created cluster", () => {
      install(machine, { ttl: "3600", command: COMMAND, archive: ARCHIVE });
      const { calls } = watch(1, [{ when: "service inspect spark_namenode", status: 1 }]);
      assert.ok(!calls.some(takes));
      assert.equal(ended(), "the machines end\n");
    });

    it("continues, and reports why, while that fails", () => {
      install(machine, { ttl: "3600", command: COMMAND, archive: ARCHIVE });
      const answer = 'S3 refuses bucket "my-bucket":\n\tlook at \\ the keys\n';
      const failing: Rule[] = [MASTER, { when: TAKE, status: 1, answer }];
      const { calls } = watch(2, failing);
      assert.deepEqual([ended(), machine.exists(ENDING)], ["", false]);
      assert.equal(calls.filter((call) => call === "sleep 60").length, 2);
      const { archive, archiveError } = shown(lifetime(["show"]));
      assert.equal(archive, ARCHIVE);
      assert.equal(archiveError, "S3 refuses bucket my-bucket:look at  the keys");
      const asked = fails(lifetime(["archive"], failing));
      assert.deepEqual([asked.status, asked.stdout], [1, answer]);
      // An extension still applies meanwhile.
      lifetime(["extend", "3600"]);
      assert.equal(watch(1, failing).calls.filter(takes).length, 0);
      writeMoment(machine, "ends", -1);
      watch(1, [MASTER, { when: TAKE }]);
      assert.equal(ended(), "the machines end\n");
      assert.equal(shown(lifetime(["show"])).archiveError, "");
    });

    it("gives the machines time to end", () => {
      assert.ok(watch(1).calls.includes("sleep 300"));
    });
  });
});
