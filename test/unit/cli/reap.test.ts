import assert from "node:assert/strict";
import { hostname } from "node:os";
import { judge, judgeEphemeral, type Probes } from "../../../cli/cluster/expiry";
import type { Lifetime } from "../../../cli/cluster/lifetime";
import { parseRefresh, parseState, type StackState } from "../../../cli/pulumi/stack-state";
import { onlyStaleLocks } from "../../../cli/pulumi/stale-locks";

const HOUR = 3600;
const since = new Date("2026-11-21T12:00:00Z");
const hoursLater = (hours: number) => new Date(since.getTime() + hours * HOUR * 1000);
/** As in logs, in any time zone. */
const moment = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+`;

const up = (lifetime?: StackState["lifetime"]): StackState => ({
  ...{ empty: false, complete: true, lifetime },
});
const refuse = () => Promise.reject(new Error("nobody is to be asked"));
const unasked: Probes = { askManager: refuse, hostsLeft: refuse };
const manager = (says: Partial<Lifetime>): Probes => ({
  ...unasked,
  askManager: async () => ({
    ...{ now: 1000, ends: null, idleLimit: null, idleFor: 0, ending: false },
    ...{ archive: "", archiveError: "" },
    ...says,
  }),
});
const silent = (hosts: number): Probes => ({
  askManager: () => Promise.reject(new Error("manager does not answer (refused). See more.")),
  hostsLeft: async () => hosts,
});

describe("reap", () => {
  const eight = { since, ttl: 8 * HOUR };
  const cases: [
    what: string,
    state: StackState,
    probes: Probes,
    hours: number,
    expired: boolean,
    reason: RegExp,
  ][] = [
    [
      "leaves a stack alone that has nothing",
      { empty: true, complete: false },
      unasked,
      9,
      false,
      /^empty$/,
    ],
    ["leaves a cluster alone without a lifetime", up(), unasked, 9, false, /^no lifetime$/],
    [
      "leaves a cluster alone whose lifetime says nothing",
      up({ since }),
      unasked,
      9,
      false,
      /^no lifetime$/,
    ],
    [
      "believes the manager that time is left, whatever was configured",
      up(eight),
      manager({ ends: 1001, idleLimit: 1800 }),
      9,
      false,
      new RegExp(`^alive until ${moment} or until idle for 30m$`),
    ],
    [
      "believes the manager that time is up",
      up(eight),
      manager({ ends: 1000 }),
      1,
      true,
      new RegExp(`^expired at ${moment}$`),
    ],
    [
      "destroys a cluster that has been idle for too long",
      up({ since, idle: 1800 }),
      manager({ idleLimit: 1800, idleFor: 1860 }),
      1,
      true,
      /^idle for 31m$/,
    ],
    [
      "leaves a cluster alone that is busy",
      up({ since, idle: 1800 }),
      manager({ idleLimit: 1800, idleFor: 60 }),
      99,
      false,
      /^alive until idle for 30m$/,
    ],
    [
      "destroys what is left of a cluster that is ending itself",
      up(eight),
      manager({ ends: 2000, ending: true }),
      1,
      true,
      /ending itself/,
    ],
    [
      "destroys what is left of a cluster that ended itself, even before its time",
      up(eight),
      silent(0),
      1,
      true,
      /ended itself: none of its hosts is left/,
    ],
    [
      "goes by the configuration when hosts are there and the manager is silent: expired",
      up(eight),
      silent(2),
      8,
      true,
      new RegExp(String.raw`^manager does not answer \(refused\), expired at ${moment}$`),
    ],
    [
      "goes by the configuration when hosts are there and the manager is silent: not yet",
      up(eight),
      silent(2),
      7.9,
      false,
      new RegExp(`^manager does not answer .*, alive until ${moment}$`),
    ],
    [
      "cannot tell how long a silent manager was idle",
      up({ since, idle: 60 }),
      silent(2),
      99,
      false,
      /kept, it has no ttl$/,
    ],
    [
      "leaves an up that failed or still runs its time",
      { ...up(eight), complete: false },
      unasked,
      7.9,
      false,
      /^half-made, alive until/,
    ],
    [
      "destroys what an up left that failed",
      { ...up(eight), complete: false },
      unasked,
      8,
      true,
      /^half-made, expired at/,
    ],
  ];
  for (const [what, state, probes, hours, expired, reason] of cases) {
    it(what, async () => {
      const verdict = await judge(state, probes, hoursLater(hours));
      assert.equal(verdict.expired, expired, verdict.reason);
      assert.match(verdict.reason, reason);
    });
  }

  it("knows which managers may answer and must archive /data/keep first", async () => {
    for (const [says, managed] of [
      [{ ends: 1000 }, true],
      [{ idleLimit: 60, idleFor: 60 }, true],
      [{ ends: 1000, ending: true }, false],
    ] as const) {
      const verdict = await judge(up(eight), manager(says), hoursLater(9));
      assert.deepEqual([verdict.expired, verdict.managed], [true, managed]);
    }
    const lost = await judge(up(eight), silent(2), hoursLater(9));
    assert.deepEqual([lost.expired, lost.managed], [true, false]);
  });

  it("reports that the cloud does not answer either", async () => {
    const probes = { ...silent(0), hostsLeft: () => Promise.reject(new Error("no network")) };
    await assert.rejects(judge(up(eight), probes, hoursLater(9)), /no network/);
  });
});

describe("reap, of ephemeral stacks,", () => {
  const made = { emulated: false, made: since };
  const half = { ...up({ since, ttl: 24 * HOUR }), complete: false };

  it("keeps one whose process runs", async () => {
    const { expired } = await judgeEphemeral(made, "running", up(), unasked, hoursLater(99));
    assert.equal(expired, false);
  });

  it("destroys one whose process no longer exists, with or without hosts", async () => {
    for (const state of [up(), half, { empty: true, complete: false }]) {
      const { expired, managed } = await judgeEphemeral(
        made,
        "gone",
        state,
        unasked,
        hoursLater(0),
      );
      assert.deepEqual([expired, managed], [true, state.complete]);
    }
  });

  it("judges one of another machine by its lifetime", async () => {
    for (const [hours, expected] of [
      [23, false],
      [24, true],
    ] as const) {
      const verdict = await judgeEphemeral(made, "unknown", half, unasked, hoursLater(hours));
      assert.equal(verdict.expired, expected);
    }
  });

  it("judges one of another machine by its name, when nothing else is known", async () => {
    const empty = { empty: true, complete: false };
    const emulated = { ...made, emulated: true };
    for (const [hours, expected] of [
      [3.9, false],
      [4, true],
    ] as const) {
      const now = hoursLater(hours);
      const named = await judgeEphemeral(made, "unknown", empty, unasked, now);
      assert.equal(named.expired, expected);
      const onEmulated = await judgeEphemeral(emulated, "unknown", half, unasked, now);
      assert.equal(onEmulated.expired, expected);
      assert.match(onEmulated.reason, /^made on another machine, /);
    }
  });
});

describe("Pulumi's state", () => {
  const exported = (resources?: object[]) => JSON.stringify({ deployment: { resources } });
  const lifetime = {
    type: "spark-swarm:lifetime:Lifetime",
    outputs: { since: since.toISOString(), ttl: 600, idle: null, endsItself: true },
  };
  const stack = { type: "pulumi:pulumi:Stack", outputs: { cluster: {}, privateKey: {} } };

  it("shows an empty stack", () => {
    assert.deepEqual(parseState(exported()), {
      ...{ empty: true, complete: false, lifetime: undefined },
    });
  });

  it("shows a cluster and its lifetime", () => {
    assert.deepEqual(parseState(exported([stack, lifetime])), {
      ...{ empty: false, complete: true },
      lifetime: { since, ttl: 600, idle: undefined },
    });
  });

  it("counts the lifetime from the creation of the manager, if it was created again", () => {
    const later = hoursLater(30).toISOString();
    const watch = { type: "spark-swarm:lifetime:LifetimeWatch", outputs: { since: later } };
    assert.deepEqual(parseState(exported([stack, lifetime, watch])).lifetime, {
      ...{ since: hoursLater(30), ttl: 600, idle: undefined },
    });
    const unfinished = { ...watch, outputs: undefined };
    assert.deepEqual(parseState(exported([stack, lifetime, unfinished])).lifetime?.since, since);
  });

  it("shows a half-made cluster", () => {
    const { complete, empty } = parseState(exported([{ ...stack, outputs: undefined }, lifetime]));
    assert.deepEqual({ complete, empty }, { complete: false, empty: false });
  });

  it("shows by a refresh how many hosts remain", () => {
    const step = (type: string, there: boolean, outputs = {}) => ({
      ...{ op: "refresh", oldState: { type } },
      newState: there ? { type, outputs } : undefined,
    });
    const steps = [
      step("pulumi:pulumi:Stack", true),
      step("docker:index/container:Container", false),
      step("docker:index/container:Container", true, { mustRun: false }),
      step("docker:index/container:Container", true, { mustRun: true }),
      step("digitalocean:index/droplet:Droplet", true),
      step("aws:ec2/instance:Instance", true),
      step("docker:index/volume:Volume", true),
    ];
    assert.equal(parseRefresh(JSON.stringify({ config: {}, steps })), 3);
  });
});

describe("a lock on a stack", () => {
  const now = new Date("2026-11-21T12:30:00Z");
  const locked = (host: string, time: string) =>
    `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  file:///x/y.json: created by ada@${host} (pid 4711) at ${time}`;
  const here = locked(hostname(), "2026-11-21T12:00:00Z");

  for (const [what, output, gone, stale] of [
    ["is stale when its process, here, is gone", here, true, true],
    ["holds while its process runs", here, false, false],
    ["of another machine holds", locked("other", "2026-11-21T12:00:00Z"), true, false],
    ["of another machine is stale when old", locked("other", "2026-11-21T11:00:00Z"), true, true],
    [
      "holds beside a stale one",
      `${here}\n${locked("other", "2026-11-21T12:00:00Z")}`,
      true,
      false,
    ],
    ["is not behind other errors", "error: the disk is full", true, false],
  ] as const) {
    it(what, async () =>
      assert.equal(await onlyStaleLocks(output, now, () => Promise.resolve(gone)), stale),
    );
  }
});
