import assert from "node:assert/strict";
import { changes, runScript, succeeds } from "./shell";

describe("swarm/secret.sh", () => {
  const make = (value: string, exists: boolean) =>
    runScript("swarm/secret.sh", { SWARM: "m1", SECRET: "token", VALUE: value }, [
      { when: "secret inspect token", status: exists ? 0 : 1 },
    ]);

  it("creates the secret from its value, and passes that through standard input", () => {
    const key = "-----BEGIN KEY-----\nit's $HOME \\n `id`\n-----END KEY-----";
    const ended = succeeds(make(key, false));
    assert.equal(ended.input, `${key}\n`);
    assert.deepEqual(changes(ended), ["secret create token -"]);
    assert.equal(ended.stdout + ended.stderr, "");
  });

  it("creates a random one without a value", () => {
    const made = [make("", false), make("", false)].map((ended) => succeeds(ended).input ?? "");
    for (const value of made) assert.match(value, /^[A-Za-z0-9+/]{43}=\n$/);
    assert.notEqual(made[0], made[1]);
  });

  it("keeps an existing one", () => {
    const ended = succeeds(make("value", true));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.input, undefined);
  });
});
