import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Ended, fails, type Rule, runScript, succeeds } from "./shell";

describe("swarm-stack/deploy.sh", () => {
  const document = 'services:\n  a: {image: "it\'s $$HOME"}\n  # \\n %s `id`';
  const deploy = (rules: Rule[], timeout = 20, more: Record<string, string> = {}) =>
    runScript(
      "swarm-stack/deploy.sh",
      { SWARM: "m1", STACK: "web", TIMEOUT: `${timeout}`, COMPOSE: document, ...more },
      [...rules, { when: UPDATE, answer: "web_a a1 \nweb_b b1 \n" }],
    );
  const DEPLOYS = "stack deploy *";
  const SERVICES = "stack services *";
  const UPDATE = "service inspect *";

  function looks({ calls }: Ended): number {
    return calls.filter((call) => call.startsWith("stack services ") && /Replicas/.test(call))
      .length;
  }

  /** The one call that deploys. */
  function deployment({ calls }: Ended): string {
    const [call = "", ...others] = calls.filter((one) => one.startsWith("stack deploy "));
    assert.deepEqual(others, []);
    return call;
  }

  it("deploys the document unchanged, and removes services that left it", () => {
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

  it("waits until each service has all its tasks, and names it once", () => {
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

  it("counts a service as up only after a while", () => {
    const ended = succeeds(
      deploy([
        { when: SERVICES, answer: "web_a replicated 1/1\n", times: 2 },
        { when: SERVICES, answer: "web_a replicated 0/1\n", times: 1 },
        { when: SERVICES, answer: "web_a replicated 1/1\n" },
      ]),
    );
    assert.equal(looks(ended), 2 + 1 + 4);
  });

  it("does not count a global service as up that no node fits yet", () => {
    const ended = fails(deploy([{ when: SERVICES, answer: "web_a global 0/0\n" }], 0));
    assert.match(ended.stderr, /did not come up/);
  });

  it("counts a service as up that should have no tasks", () => {
    succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 0/0\n" }], 0));
  });

  it("does not count services as up that cannot be listed", () => {
    const ended = fails(deploy([{ when: SERVICES, status: 1 }], 0));
    assert.match(ended.stderr, /did not come up/);
  });

  it("checks a service again that could not be inspected", () => {
    const ended = succeeds(
      deploy([
        { when: SERVICES, answer: "web_a replicated 1/1\n" },
        { when: UPDATE, status: 1, times: 1 },
      ]),
    );
    assert.match(ended.stdout, /^waiting for web_a \(unknown\)\n/);
  });

  it("does not count a service as up that this deployment rolled back, but one that an earlier one did", () => {
    const deployed = (started: string) =>
      deploy(
        [
          { when: SERVICES, answer: "web_a replicated 1/1\n" },
          { when: UPDATE, answer: `web_a a1 rollback_completed ${started} 00:00:00 +0000 UTC\n` },
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
          { when: UPDATE, answer: `web_a a1 ${state}\n`, times: 1 },
          { when: UPDATE, answer: "web_a a1 completed\n" },
        ]),
      );
      assert.equal(ended.stdout, `waiting for web_a (${state})\nweb is up\n`);
    });
  }

  it("reports tasks and log of services that did not come up, and of no others", () => {
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
      // The log of a removed stack cannot be read.
      if (removed) assert.equal(ended.calls.at(-1), "stack rm web");
    });
  }

  it("does not remove a stack that comes up", () => {
    const ended = succeeds(deploy([{ when: SERVICES, answer: "web_a replicated 1/1\n" }]));
    assert.ok(!ended.calls.some((call) => call.startsWith("stack rm ")));
  });

  const day = 24 * 3600 * 1000;
  /** A task in the script's format: service, slot, creation time, state, desired state and error. */
  const task = (slot: number, offset: number, state: string, desired: string, error = "") => {
    const time = new Date(Date.now() + offset).toISOString().replace("T", " ").replace("Z", "");
    return `a1|${slot}|${time} +0000 UTC|${state}|${desired}|${error}\n`;
  };
  const UP = { when: SERVICES, answer: "web_a replicated 1/1\n" };
  /** Not up for some checks, with these tasks; then up, with the same tasks. */
  const withTasks = (answer: string, timeout = 20, looksBefore = 2): Ended =>
    deploy(
      [
        { when: SERVICES, answer: "web_a replicated 0/1\n", times: looksBefore },
        UP,
        { when: "service ps --quiet web_a", answer: "t1\nt2\n" },
        { when: "inspect --format * t1 t2", answer },
        { when: "service ps --no-trunc *", answer: "web_a.1 on worker-0: the reason\n" },
        {
          when: "service inspect --format web_a asks*",
          answer: 'web_a asks for ["node.labels.disk == ssd"]\n',
        },
        { when: "node ls --quiet", answer: "n1\n" },
        { when: "node inspect *", answer: "manager: node.labels {}\n" },
      ],
      timeout,
    );

  it("asks by as many calls however many services there are", () => {
    const ended = succeeds(
      deploy([
        { when: SERVICES, answer: "web_a replicated 0/1\nweb_b replicated 0/1\n", times: 3 },
        { when: SERVICES, answer: "web_a replicated 1/1\nweb_b replicated 1/1\n" },
        { when: "service ps --quiet web_a web_b", answer: "t1\nt2\n" },
      ]),
    );
    for (const call of ["service inspect ", "service ps --quiet ", "inspect "]) {
      assert.equal(ended.calls.filter((one) => one.startsWith(call)).length, looks(ended), call);
    }
  });

  it("does not take one service's tasks for another's", () => {
    const others = task(1, day, "failed", "shutdown").replace("a1", "b1");
    const rules = (services: string) => [
      { when: SERVICES, answer: services, times: 12 },
      { when: SERVICES, answer: "web_a replicated 1/1\nweb_b replicated 1/1\n" },
      { when: "service ps --quiet web_a web_b", answer: "t1\nt2\n" },
      { when: "inspect --format * t1 t2", answer: task(1, day, "starting", "running") + others },
    ];
    succeeds(deploy(rules("web_a replicated 0/1\nweb_b replicated 1/1\n")));
    fails(deploy(rules("web_a replicated 1/1\nweb_b replicated 0/1\n")));
  });

  describe("tasks that are rejected", () => {
    it("fails at once after two since the deployment", () => {
      const ended = fails(
        withTasks(task(1, day, "rejected", "shutdown") + task(1, 2 * day, "rejected", "shutdown")),
      );
      assert.match(
        ended.stderr,
        /^The stack web cannot start: its tasks are rejected\.\n--- web_a: tasks\nweb_a\.1 .*the reason\n/,
      );
      assert.equal(looks(ended), 1);
    });

    it("continues to wait after one", () => {
      succeeds(
        withTasks(task(1, 2 * day, "running", "running") + task(1, day, "rejected", "shutdown")),
      );
    });

    it("ignores those before the deployment", () => {
      succeeds(
        withTasks(
          task(1, day, "starting", "running") +
            task(1, -day, "rejected", "shutdown") +
            task(1, -day, "rejected", "shutdown"),
        ),
      );
    });
  });

  describe("a service that runs once", () => {
    const never = 999;

    it("is up when it has completed", () => {
      const ended = succeeds(withTasks(task(1, day, "complete", "shutdown"), 20, never));
      assert.equal(looks(ended), 4);
    });

    it("is not up while it runs, when it failed, or when another task replaces it", () => {
      for (const tasks of [
        task(1, day, "starting", "running"),
        task(1, 2 * day, "ready", "ready") + task(1, day, "complete", "shutdown"),
        task(1, 2 * day, "ready", "ready") + task(1, day, "failed", "shutdown"),
      ]) {
        const ended = fails(withTasks(tasks, 0, never));
        assert.match(ended.stderr, /did not come up/);
      }
    });

    it("with two tasks waits for both", () => {
      const rules = (answer: string) => [
        { when: SERVICES, answer: "web_a replicated 0/2\n" },
        { when: "service ps --quiet web_a", answer: "t1\nt2\n" },
        { when: "inspect --format * t1 t2", answer },
      ];
      const one = task(1, day, "complete", "shutdown");
      fails(deploy(rules(one + task(2, day, "running", "running")), 0));
      succeeds(deploy(rules(one + task(2, day, "complete", "shutdown")), 0));
    });

    it("fails soon when its task failed and is not restarted", () => {
      const ended = fails(withTasks(task(1, day, "failed", "shutdown", "exit (1)"), 20, never));
      assert.match(
        ended.stderr,
        /^The stack web cannot start: a task failed, and is not started again/,
      );
    });
  });

  it("waits longer for a service of which a task has ended already", () => {
    const tasks = task(1, 2 * day, "running", "running") + task(1, day, "failed", "shutdown");
    assert.equal(looks(succeeds(withTasks(tasks, 60, 1))), 1 + 60);
    const past = task(1, 2 * day, "running", "running") + task(1, -day, "failed", "shutdown");
    assert.equal(looks(succeeds(withTasks(past, 60, 1))), 1 + 4);
  });

  describe("a task that no host fits", () => {
    const never = 999;
    const pending = (why: string) =>
      task(1, day, "pending", "running", `no suitable node (${why})`);

    it("fails soon, and reports the constraints and the hosts", () => {
      const ended = fails(
        withTasks(pending("scheduling constraints not satisfied on 3 nodes"), 60, never),
      );
      assert.match(
        ended.stderr,
        /^The stack web cannot start: no host fits\.\nweb_a asks for \["node.labels.disk == ssd"\]\nmanager: node.labels \{\}\n/,
      );
    });

    it("continues to wait if that may change", () => {
      for (const why of [
        "insufficient resources on 3 nodes",
        "insufficient resources on 1 node; scheduling constraints not satisfied on 2 nodes",
      ]) {
        assert.match(fails(withTasks(pending(why), 0, never)).stderr, /did not come up/);
      }
    });
  });

  describe("files and credentials of the document", () => {
    const FILES = `web_motd_0123456789ab ${Buffer.from("hello").toString("base64")}`;

    it("puts files next to it, and removes the stack's old ones at the end", () => {
      const ended = succeeds(
        deploy(
          [
            UP,
            {
              when: "config ls *",
              answer: "web_motd_0123456789ab\nweb_motd_ba9876543210\nweb_other\n",
            },
            { when: "secret ls *", answer: "web_key_ba9876543210\n" },
          ],
          20,
          { FILES },
        ),
      );
      const removals = ended.calls.filter((call) => / rm /.test(call));
      assert.deepEqual(removals, [
        "config rm web_motd_ba9876543210",
        "secret rm web_key_ba9876543210",
      ]);
      assert.ok(
        ended.calls.includes(
          "config ls --filter label=com.docker.stack.namespace=web --format {{.Name}}",
        ),
      );
    });

    it("removes nothing for a stack without files", () => {
      const ended = succeeds(deploy([UP]));
      assert.ok(!ended.calls.some((call) => /^(config|secret) /.test(call)));
    });

    it("sends registries' credentials to the hosts, and looks up tags", () => {
      const ended = succeeds(deploy([UP], 20, { REGISTRIES: '{"auths":{}}', RESOLVE: "always" }));
      assert.match(
        deployment(ended),
        /^stack deploy --prune --resolve-image always --with-registry-auth --compose-file \S+ web$/,
      );
      assert.ok(!ended.calls.join("\n").includes("auths"));
    });
  });

  it("waits until services have run as long as SETTLE says", () => {
    assert.equal(looks(succeeds(deploy([UP], 20, { SETTLE: "9" }))), 9);
  });
});
