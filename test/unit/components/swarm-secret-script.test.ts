import assert from "node:assert/strict";
import { changes, runScript, succeeds } from "./shell";

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
