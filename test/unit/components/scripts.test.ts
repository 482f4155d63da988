import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, fails, type Rule, runScript, succeeds } from "./shell";

/** Calls that change something in the Swarm. */
function changes({ calls }: Ended): string[] {
  return calls.filter((call) => /^(network create|node update|node rm|secret create)/.test(call));
}

describe("swarm/form.sh", () => {
  const expected = ["manager m1", "worker-0 w0", "worker-1 w1"].join("\n");
  const ready = [
    "n1 ready active m1 manager",
    "n2 ready active w0 worker-0",
    "n3 ready active w1 worker-1",
  ];

  /** The nodes as the manager lists them, one list for each look; the last stays. */
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

  it("changes nothing in a Swarm that is as it should be", () => {
    const ended = succeeds(form(nodes(ready)));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.stdout + ended.stderr, "");
  });

  it("makes the overlay network, with room for VXLAN in its packets", () => {
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

  it("says so when the manager formed none", () => {
    const ended = fails(form([{ when: "node ls --quiet", status: 1 }], 0));
    assert.match(ended.stderr, /^The manager did not form a Swarm within 0 s\. /);
    assert.deepEqual(changes(ended), []);
  });

  it("waits for hosts that are not there yet, and says once for which", () => {
    const ended = succeeds(
      form(nodes(ready.slice(0, 1), ready.slice(0, 1), ready.slice(0, 2), ready)),
    );
    assert.equal(
      ended.stdout,
      "waiting for worker-0,worker-1 to join the Swarm\nwaiting for worker-1 to join the Swarm\n",
    );
  });

  it("waits for a host whose node is there but not ready", () => {
    const down = [...ready.slice(0, 2), "n3 down active w1 worker-1"];
    const ended = succeeds(form(nodes(down, ready)));
    assert.equal(ended.stdout, "waiting for worker-1 to join the Swarm\n");
    assert.deepEqual(changes(ended), []);
  });

  it("names the hosts that did not join, and how to see why", () => {
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

  it("ends with what hosts say whose bootstrap actions failed; nobody is held to be lost", () => {
    const failed = join(folder, "failed");
    mkdirSync(failed);
    writeFileSync(join(failed, "w0"), "of the up before\n");
    // A host that tries again as soon as it may, and fails.
    const host = spawn("sh", [
      "-c",
      `while [ -e '${failed}' ]; do :; done; echo 'failed on worker-1' >'${folder}/w1'; mkdir '${failed}'; mv '${folder}/w1' '${failed}'`,
    ]);
    const ended = fails(form(nodes(ready.slice(0, 1))));
    host.kill();
    assert.match(ended.stderr, /^failed on worker-1\n.*`pulumi up` again/);
    assert.ok(!existsSync(awaited()));
  });

  it("keeps for whom it has waited, whether or not they came", () => {
    fails(form(nodes(ready.slice(0, 1)), 0));
    assert.equal(readFileSync(awaited(), "utf8"), `${expected}\n`);
    succeeds(form(nodes(ready), 20, "manager m1"));
    assert.equal(readFileSync(awaited(), "utf8"), "manager m1\n");
  });

  it("keeps nobody for whom it could not wait", () => {
    fails(form([{ when: "node ls --quiet", status: 1 }], 0));
    assert.ok(!existsSync(awaited()));
  });

  const joined = ready.map((node) => node.replace(/active (w.*)/, "pause $1"));
  const OPENED = ["n2", "n3"].map((id) => `node update --availability active ${id}`);

  it("opens hosts that joined for work, once all are there", () => {
    const ended = succeeds(form(nodes(joined.slice(0, 2), joined)));
    assert.deepEqual(changes(ended), OPENED);
  });

  it("lets word of them spread where there is work already", () => {
    const work = { when: "service ls --quiet", answer: "s1\n" };
    const ended = succeeds(form([...nodes(joined), work]));
    assert.deepEqual(changes(ended), OPENED);
    const opened = ended.calls.indexOf(OPENED[0] ?? "");
    assert.ok(ended.calls.slice(0, opened).includes("sleep 2"));
  });

  it("opens nobody who is to go", () => {
    const ended = succeeds(form(nodes([...ready, "n4 ready pause w2 worker-2"])));
    assert.deepEqual(changes(ended), ["node update --availability drain n4", "node rm --force n4"]);
  });

  it("a host that replaced another of its name is waited for; then the old node goes", () => {
    const old = [...ready.slice(0, 2), "n3 down active w1-old worker-1"];
    const ended = succeeds(form(nodes(old, [...old, "n4 ready active w1 worker-1"])));
    assert.equal(ended.stdout, "waiting for worker-1 to join the Swarm\nremoving node worker-1\n");
    // Without draining: there is nobody left to hand anything over.
    assert.deepEqual(changes(ended), ["node rm --force n3"]);
  });

  it("a surplus node is drained, awaited and removed", () => {
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
    const looks = ended.calls.filter((call) => call.startsWith("node ps "));
    assert.equal(looks.length, 2 * 5);
    assert.ok(looks.every((call) => call.endsWith(" n4")));
    assert.ok(ended.calls.indexOf("node rm --force n4") > ended.calls.lastIndexOf(looks[0] ?? ""));
  });

  it("removes nothing while a host is missing", () => {
    const ended = fails(form(nodes([...ready.slice(0, 2), "n4 ready active w2 worker-2"]), 0));
    assert.deepEqual(changes(ended), []);
  });

  it("a Swarm of the manager alone is one", () => {
    assert.deepEqual(changes(succeeds(form(nodes(ready.slice(0, 1)), 20, "manager m1"))), []);
  });
});

describe("hosts/lost.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lost-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  /** @param living ids of the instances that the manager says are not down */
  function lost(awaited: string[] | undefined, living: string[]): string {
    const file = join(folder, "hosts");
    if (awaited) writeFileSync(file, awaited.map((line) => `${line}\n`).join(""));
    const rules = [
      { when: "node ls --quiet", answer: "n1\nn2\n" },
      {
        when: 'node inspect --format *ne .Status.State "down"* n1 n2',
        answer: living.map((id) => `${id}\n`).join(""),
      },
    ];
    const ended = succeeds(runScript("hosts/lost.sh", { AWAITED: file }, rules));
    assert.equal(ended.stderr, "");
    return ended.stdout;
  }
  const awaited = ["manager m1", "worker-0 w0", "worker-1 w1"];

  it("names workers that are down or no nodes, and no other", () => {
    assert.equal(lost(awaited, ["m1", "w0", "w1"]), "");
    assert.equal(lost(awaited, ["m1", "w0", "", "w11"]), "worker-1 w1\n");
    assert.equal(lost(awaited, ["m1"]), "worker-0 w0\nworker-1 w1\n");
  });

  it("names none when nobody was waited for yet", () => {
    assert.equal(lost(undefined, []), "");
  });
});

describe("swarm/secret.sh", () => {
  const make = (value: string, exists: boolean) =>
    runScript("swarm/secret.sh", { SWARM: "m1", SECRET: "token", VALUE: value }, [
      { when: "secret inspect token", status: exists ? 0 : 1 },
    ]);

  it("makes the secret of what it is given, and hands it on by standard input", () => {
    const key = "-----BEGIN KEY-----\nit's $HOME \\n `id`\n-----END KEY-----";
    const ended = succeeds(make(key, false));
    assert.equal(ended.input, `${key}\n`);
    assert.deepEqual(changes(ended), ["secret create token -"]);
    assert.equal(ended.stdout + ended.stderr, "");
  });

  it("given nothing, makes a random one", () => {
    const made = [make("", false), make("", false)].map((ended) => succeeds(ended).input ?? "");
    for (const value of made) assert.match(value, /^[A-Za-z0-9+/]{43}=\n$/);
    assert.notEqual(made[0], made[1]);
  });

  it("leaves one that is there", () => {
    const ended = succeeds(make("value", true));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.input, undefined);
  });
});

describe("swarm-stack/deploy.sh", () => {
  const document = 'services:\n  a: {image: "it\'s $$HOME"}\n  # \\n %s `id`';
  const deploy = (rules: Rule[], timeout = 20) =>
    runScript(
      "swarm-stack/deploy.sh",
      { SWARM: "m1", STACK: "web", TIMEOUT: `${timeout}`, COMPOSE: document },
      rules,
    );
  const DEPLOYS = "stack deploy *";
  const SERVICES = "stack services *";
  const UPDATE = "service inspect *";

  function looks({ calls }: Ended): number {
    return calls.filter((call) => call.startsWith("stack services ")).length;
  }

  /** The one call that deploys. */
  function deployment({ calls }: Ended): string {
    const [call = "", ...others] = calls.filter((one) => one.startsWith("stack deploy "));
    assert.deepEqual(others, []);
    return call;
  }

  it("deploys the document as it is, and removes what left it", () => {
    const ended = succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 1/1\n" }]));
    assert.equal(ended.document, `${document}\n`);
    assert.match(
      deployment(ended),
      /^stack deploy --prune --resolve-image never --compose-file \S+ web$/,
    );
    assert.match(ended.stdout, /web is up\n$/);
  });

  it("leaves no copy of the document behind", () => {
    const ended = succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 1/1\n" }]));
    const [, file = ""] = /--compose-file (\S+) /.exec(deployment(ended)) ?? [];
    assert.notEqual(file, "");
    assert.equal(existsSync(file), false, file);
  });

  it("fails with Docker's own status when the document is refused", () => {
    const ended = deploy([{ when: DEPLOYS, status: 7 }]);
    assert.equal(ended.status, 7);
    assert.equal(looks(ended), 0);
  });

  it("waits until each service runs as often as desired, and says once for which", () => {
    const ended = succeeds(
      deploy([
        {
          when: SERVICES,
          answer: "web_a replicated 0/1\nweb_b replicated 1/3 (max 1 per node)\n",
          times: 2,
        },
        {
          when: SERVICES,
          answer: "web_a replicated 1/1\nweb_b replicated 2/3 (max 1 per node)\n",
          times: 1,
        },
        { when: SERVICES, answer: "web_a replicated 1/1\nweb_b replicated 3/3 (max 1 per node)\n" },
      ]),
    );
    assert.equal(
      ended.stdout,
      [
        "waiting for web_a (0 of 1 running),web_b (1 of 3 running)",
        "waiting for web_b (2 of 3 running)",
        "web is up\n",
      ].join("\n"),
    );
  });

  it("takes a service for up when it is so for a while", () => {
    const ended = succeeds(
      deploy([
        { when: SERVICES, answer: "web_a replicated 1/1\n", times: 2 },
        { when: SERVICES, answer: "web_a replicated 0/1\n", times: 1 },
        { when: SERVICES, answer: "web_a replicated 1/1\n" },
      ]),
    );
    assert.equal(looks(ended), 2 + 1 + 4);
  });

  it("a global service that no node fits yet is not up", () => {
    const ended = fails(deploy([{ when: SERVICES, answer: "web_a global 0/0\n" }], 0));
    assert.match(ended.stderr, /did not come up/);
  });

  it("a service that is meant to have no task is up", () => {
    succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 0/0\n" }], 0));
  });

  it("services that cannot be listed are not up", () => {
    const ended = fails(deploy([{ when: SERVICES, status: 1 }], 0));
    assert.match(ended.stderr, /did not come up/);
  });

  it("a service that cannot be inspected once is looked at again", () => {
    const ended = succeeds(
      deploy([
        { when: SERVICES, answer: "web_a replicated 1/1\n" },
        { when: UPDATE, status: 1, times: 1 },
      ]),
    );
    assert.match(ended.stdout, /^waiting for web_a \(unknown\)\n/);
  });

  it("a service that was rolled back by this deployment is not up, by an earlier one it is", () => {
    const deployed = (started: string) =>
      deploy(
        [
          { when: SERVICES, answer: "web_a replicated 1/1\n" },
          { when: UPDATE, answer: `rollback_completed ${started} 00:00:00 +0000 UTC\n` },
        ],
        0,
      );
    fails(deployed("2999-01-01"));
    succeeds(deployed("2001-01-01"));
  });

  for (const state of ["updating", "paused", "rollback_started", "rollback_paused"]) {
    it(`a service that is ${state} is not up, though it runs`, () => {
      const ended = succeeds(
        deploy([
          { when: SERVICES, answer: "web_a replicated 1/1\n" },
          { when: UPDATE, answer: `${state}\n`, times: 1 },
          { when: UPDATE, answer: "completed\n" },
        ]),
      );
      assert.equal(ended.stdout, `waiting for web_a (${state})\nweb is up\n`);
    });
  }

  it("says of what did not come up the tasks and the log, of nothing else", () => {
    const ended = fails(
      deploy(
        [
          { when: SERVICES, answer: "web_a replicated 1/1\nweb_b replicated 0/1\n" },
          {
            when: "service ps --no-trunc * web_b",
            answer: "web_b.1 on worker-0: Failed exit (3)\n",
          },
          { when: "service logs * web_b", answer: "no such table\n" },
        ],
        0,
      ),
    );
    assert.equal(
      ended.stderr,
      [
        "The stack web did not come up within 0 s.",
        "--- web_b: tasks",
        "web_b.1 on worker-0: Failed exit (3)",
        "--- web_b: last lines of its log",
        "no such table\n",
      ].join("\n"),
    );
    assert.doesNotMatch(ended.stdout, /is up/);
  });

  for (const [what, stacks, removed] of [
    ["that was not there before is removed when it does not come up", "webb\nmy-web\n", true],
    ["that was there before stays, though it does not come up", "webb\nweb\n", false],
  ] as const) {
    it(`a stack ${what}`, () => {
      const ended = fails(
        deploy(
          [
            { when: "stack ls *", answer: stacks },
            { when: SERVICES, answer: "web_a replicated 0/1\n" },
          ],
          0,
        ),
      );
      const removals = ended.calls.filter((call) => call.startsWith("stack rm "));
      assert.deepEqual(removals, removed ? ["stack rm web"] : []);
      // Nobody could read the log of a stack that has gone.
      if (removed) assert.equal(ended.calls.at(-1), "stack rm web");
    });
  }

  it("a stack that comes up is not removed", () => {
    const ended = succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 1/1\n" }]));
    assert.ok(!ended.calls.some((call) => call.startsWith("stack rm ")));
  });

  describe("tasks that are rejected", () => {
    const day = 24 * 3600 * 1000;
    const time = (offset: number) =>
      new Date(Date.now() + offset).toISOString().replace("T", " ").replace("Z", "");
    const rejected = (offset: number) => `${time(offset)} +0000 UTC rejected\n`;
    const tasks = (answer: string, timeout = 20): Ended =>
      deploy(
        [
          { when: SERVICES, answer: "web_a replicated 0/1\n", times: 2 },
          { when: SERVICES, answer: "web_a replicated 1/1\n" },
          { when: "service ps --quiet web_a", answer: "t1\nt2\n" },
          { when: "inspect --format * t1 t2", answer },
          {
            when: "service ps --no-trunc *",
            answer: "web_a.1 on worker-0: Rejected No such image\n",
          },
        ],
        timeout,
      );

    it("twice since the deployment: it fails at once", () => {
      const ended = fails(tasks(rejected(day) + rejected(day)));
      assert.match(
        ended.stderr,
        /^The stack web cannot start: its tasks are rejected\.\n--- web_a: tasks\nweb_a\.1 .*No such image\n/,
      );
      assert.equal(looks(ended), 1);
    });

    it("once: it waits on", () => {
      succeeds(tasks(`${rejected(day)}${time(day)} +0000 UTC running\n`));
    });

    it("before the deployment: it waits on", () => {
      succeeds(tasks(rejected(-day) + rejected(-day)));
    });
  });
});

describe("swarm-stack/remove.sh", () => {
  const remove = (rules: Rule[]) => runScript("swarm-stack/remove.sh", { STACK: "web" }, rules);

  it("removes the stack and waits until its tasks have gone", () => {
    const ended = succeeds(
      remove([
        { when: "stack ps --quiet web", answer: "t1\n", times: 2 },
        { when: "stack ps --quiet web", status: 1 },
      ]),
    );
    assert.deepEqual(ended.calls, ["stack rm web", ...Array(3).fill("stack ps --quiet web")]);
  });

  it("fails when Docker does", () => {
    fails(remove([{ when: "stack rm web", status: 1 }]));
  });
});

describe("spark/await-workers.sh", () => {
  const alive = (count: number) =>
    `${['{ "workers" : [', ...Array(count).fill('"state" : "ALIVE",'), '"state" : "DEAD" ] }'].join("\n")}\n`;
  const MASTER = "ps --quiet --filter *spark_master";
  const QUESTION = "exec m1 curl *";
  const wait = (rules: Rule[], timeout = 20) =>
    runScript(
      "spark/await-workers.sh",
      { HOSTS: "w0 w1", WORKERS: "2", TIMEOUT: `${timeout}` },
      rules,
    );

  it("waits for the master, then for each worker that is alive, and says how many", () => {
    const ended = succeeds(
      wait([
        { when: MASTER, times: 2 },
        { when: MASTER, answer: "m1\nm0\n" },
        { when: QUESTION, status: 7, times: 1 },
        { when: QUESTION, answer: alive(1), times: 2 },
        { when: QUESTION, answer: alive(2) },
      ]),
    );
    assert.deepEqual(ended.stdout.split("\n").slice(-3), [
      "Spark has 1 of 2 workers",
      "Spark has its 2 workers",
      "",
    ]);
    assert.equal(ended.stdout.match(/Spark has 1 of 2/g)?.length, 1);
  });

  it("more than enough is enough", () => {
    const ended = succeeds(
      wait([
        { when: MASTER, answer: "m1\n" },
        { when: QUESTION, answer: alive(3) },
      ]),
    );
    assert.equal(ended.stdout, "Spark has its 2 workers\n");
  });

  for (const [what, rules, count] of [
    ["no master", [], 0],
    ["a master that does not answer", [{ when: MASTER, answer: "m1\n" }], 0],
    [
      "a worker too few",
      [
        { when: MASTER, answer: "m1\n" },
        { when: QUESTION, answer: alive(1) },
      ],
      1,
    ],
  ] as const) {
    it(`${what}: says how many there are, and shows the workers' tasks and log`, () => {
      const ended = fails(
        wait(
          [
            ...rules,
            { when: "service ps * spark_worker", answer: "worker-1: Failed exit (1)\n" },
            { when: "service logs * spark_worker", answer: "out of memory\n" },
          ],
          0,
        ),
      );
      assert.equal(
        ended.stderr,
        [
          `Spark has ${count} of 2 workers after 0 s. The workers' tasks and last log lines:`,
          "worker-1: Failed exit (1)",
          "out of memory\n",
        ].join("\n"),
      );
    });
  }
});

describe("images/seed.sh", () => {
  const IS_COMPLETE =
    "run --rm --network none --volume seed:/seed:ro --entrypoint test host:1 -f /seed/complete";
  const incomplete = (times?: number): Rule => ({ when: IS_COMPLETE, status: 1, times });
  const refused = (answer: string, times?: number): Rule => ({
    when: "create *",
    status: 1,
    answer: `Error response from daemon: ${answer}\n`,
    times,
  });
  const IN_USE = 'Conflict. The container name "/seed" is already in use by container "c1".';
  const seed = (rules: Rule[]) =>
    runScript("images/seed.sh", { SEED: "seed", HOST_IMAGE: "host:1", IMAGES: "a:1 b:1" }, rules);
  /** The calls of a Docker command. */
  const of = ({ calls }: Ended, ...commands: string[]): string[] =>
    calls.filter((call) => commands.includes(call.split(" ")[0] ?? ""));

  it("is there already: nothing is unpacked", () => {
    const ended = succeeds(seed([]));
    assert.deepEqual(ended.calls, [
      "volume create --label spark-swarm.cache=seed seed",
      IS_COMPLETE,
    ]);
    assert.equal(ended.stdout, "seed is there\n");
  });

  it("is not there: unpacks the images, in a container of the seed's name that goes afterwards", () => {
    const ended = succeeds(
      seed([incomplete(2), { when: "save a:1 b:1", answer: "the images' layers\n" }]),
    );
    const [create = "", ...others] = of(ended, "create");
    assert.match(create, /^create --rm --interactive --name seed --network none /);
    assert.match(create, / --volume seed:\/var\/lib\/docker /);
    assert.deepEqual(others, []);
    assert.deepEqual(of(ended, "save", "start", "rm").sort(), [
      "rm --force seed",
      "save a:1 b:1",
      "start --attach --interactive seed",
    ]);
    assert.equal(ended.calls.at(-1), "rm --force seed");
    assert.equal(ended.input, "the images' layers\n");
  });

  it("another stack is at it: waits until that is through, and leaves its container alone", () => {
    const ended = succeeds(seed([incomplete(3), refused(IN_USE)]));
    assert.equal(of(ended, "create").length, 3);
    assert.deepEqual(of(ended, "save", "start", "rm"), []);
    assert.equal(
      ended.stdout,
      `${"another stack is unpacking the images; waiting for it\n".repeat(3)}seed is there\n`,
    );
  });

  it("another stack gave up: takes its place", () => {
    const ended = succeeds(seed([incomplete(4), refused(IN_USE, 2)]));
    assert.equal(of(ended, "create").length, 3);
    assert.equal(of(ended, "start").length, 1);
    assert.equal(ended.calls.at(-1), "rm --force seed");
  });

  it("the engine cannot look into it: fails, and leaves alone what may be in use", () => {
    const ended = fails(seed([{ when: IS_COMPLETE, status: 125, answer: "no such network\n" }]));
    assert.match(ended.stderr, /no such network/);
    assert.deepEqual(of(ended, "create", "save", "start", "rm"), []);
  });

  it("the container is refused for another reason: fails with it", () => {
    const ended = fails(seed([incomplete(), refused("No such image: host:1")]));
    assert.match(ended.stderr, /^Error response from daemon: No such image: host:1\n/);
    assert.equal(of(ended, "create").length, 1);
    assert.deepEqual(of(ended, "save", "start", "rm"), []);
  });

  for (const [what, rule] of [
    ["the images cannot be unpacked", { when: "start *", status: 3, answer: "disk full\n" }],
    ["unpacking ends without a complete seed", { when: "start *" }],
  ] as const) {
    it(`${what}: fails, and the container goes`, () => {
      const ended = fails(seed([incomplete(), rule]));
      assert.equal(of(ended, "create").length, 1);
      assert.equal(ended.calls.at(-1), "rm --force seed");
      assert.equal(ended.stderr, "answer" in rule ? rule.answer : "");
    });
  }
});
