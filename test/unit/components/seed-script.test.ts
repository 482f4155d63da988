import assert from "node:assert/strict";
import { type Ended, fails, type Rule, runScript, succeeds } from "./shell";

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

  it("unpacks nothing if the seed exists", () => {
    const ended = succeeds(seed([]));
    assert.deepEqual(ended.calls, [
      "volume create --label spark-swarm.cache=seed seed",
      IS_COMPLETE,
    ]);
    assert.equal(ended.stdout, "seed is there\n");
  });

  it("unpacks the images in a container with the seed's name, and deletes the container", () => {
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

  it("waits while another stack unpacks, and leaves its container alone", () => {
    const ended = succeeds(seed([incomplete(3), refused(IN_USE)]));
    assert.equal(of(ended, "create").length, 3);
    assert.deepEqual(of(ended, "save", "start", "rm"), []);
    assert.equal(
      ended.stdout,
      `${"another stack is unpacking the images; waiting for it\n".repeat(3)}seed is there\n`,
    );
  });

  it("takes over when another stack gave up", () => {
    const ended = succeeds(seed([incomplete(4), refused(IN_USE, 2)]));
    assert.equal(of(ended, "create").length, 3);
    assert.equal(of(ended, "start").length, 1);
    assert.equal(ended.calls.at(-1), "rm --force seed");
  });

  it("fails when the engine cannot read the seed, and keeps a seed that may be in use", () => {
    const ended = fails(seed([{ when: IS_COMPLETE, status: 125, answer: "no such network\n" }]));
    assert.match(ended.stderr, /no such network/);
    assert.deepEqual(of(ended, "create", "save", "start", "rm"), []);
  });

  it("fails with the reason when the container is refused for another one", () => {
    const ended = fails(seed([incomplete(), refused("No such image: host:1")]));
    assert.match(ended.stderr, /^Error response from daemon: No such image: host:1\n/);
    assert.equal(of(ended, "create").length, 1);
    assert.deepEqual(of(ended, "save", "start", "rm"), []);
  });

  for (const [what, rule] of [
    ["the images cannot be unpacked", { when: "start *", status: 3, answer: "disk full\n" }],
    ["unpacking ends without a complete seed", { when: "start *" }],
  ] as const) {
    it(`${what}: fails, and deletes the container`, () => {
      const ended = fails(seed([incomplete(), rule]));
      assert.equal(of(ended, "create").length, 1);
      assert.equal(ended.calls.at(-1), "rm --force seed");
      assert.equal(ended.stderr, "answer" in rule ? rule.answer : "");
    });
  }
});
