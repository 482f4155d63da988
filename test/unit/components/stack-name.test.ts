import assert from "node:assert/strict";
import { parseSettings } from "../../../program/settings/settings";
import { refuseStackName } from "../../../program/stack-name";
import { pulumiConfig } from "./config";

describe("a stack's name", () => {
  const access = { allowFrom: ["198.51.100.7"] };
  const named = (stack: string, config: Record<string, unknown> = {}) =>
    refuseStackName("spark-swarm", stack, parseSettings(pulumiConfig(config)));
  const CLOUDS: [config: Record<string, unknown>, longest: number][] = [
    [{ cloud: "local" }, 43],
    [{ cloud: "digitalocean", access, workers: 2 }, 42],
    [{ cloud: "digitalocean", access, workers: 11 }, 41],
    [{ cloud: "aws", access, aws: { buckets: ["data"] } }, 39],
  ];
  for (const [config, longest] of CLOUDS) {
    it(`may have ${longest} characters with ${JSON.stringify(config)}`, () => {
      named("a".repeat(longest), config);
      assert.throws(
        () => named("a".repeat(longest + 1), config),
        new RegExp(
          `has ${longest + 1} characters, but only ${longest} are allowed on cloud .*pulumi stack init NAME.*Nothing was created or changed`,
        ),
      );
    });
  }

  it("has no limit where hosts are not named after it", () => {
    named("a".repeat(100), { cloud: "aws", access });
  });

  it("must not have characters that droplets' names cannot have", () => {
    named("My.Stack-2", { cloud: "digitalocean", access });
    assert.throws(
      () => named("My_Stack", { cloud: "digitalocean", access }),
      /'My_Stack' has characters that DigitalOcean does not allow in droplet names/,
    );
    named("My_Stack", { cloud: "local" });
    named("My_Stack", { cloud: "aws", access });
  });
});
