import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** In a separate process: in this one other tests load all of them. */
function loaded(cloud: string): string[] {
  const program = join(__dirname, "fixtures/loaded-packages.ts");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--require", "ts-node/register", program, cloud],
    { encoding: "utf8", timeout: 90_000 },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe("a cloud's SDK", () => {
  const others = ["", "command", "pulumi"];
  for (const [cloud, sdk] of [
    ["local", "docker"],
    ["digitalocean", "digitalocean"],
    ["aws", "aws"],
  ] as const) {
    it(`is loaded only for cloud ${cloud}: ${sdk}`, () => {
      assert.deepEqual(loaded(cloud), [...others, sdk].sort());
    });
  }
});
