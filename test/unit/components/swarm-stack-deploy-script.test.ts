import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Ended, fails, type Rule, runScript, succeeds } from "./shell";

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
