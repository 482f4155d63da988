import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { parseSettings } from "../../../program/settings/settings";
import { FILE, problemsOf, pulumiConfig } from "./config";

describe("settings", () => {
  describe("Pulumi.yaml", () => {
    interface Declared {
      type?: string;
      default: unknown;
      description: string;
    }
    const text = readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8");
    const { config } = parse(text) as { config: Record<string, Declared> };
    const CLOUDS = ["local", "digitalocean", "aws"];
    /** Each cloud's required settings. */
    const required = (cloud: string): Record<string, string> =>
      cloud === "local" ? {} : pulumiConfig({ cloud, access: { allowFrom: ["198.51.100.7"] } });

    let folder: string;
    let script: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "settings-"));
      script = join(folder, "install.sh");
      writeFileSync(script, "#!/bin/sh\n");
    });
    after(() => rmSync(folder, { recursive: true }));

    it("declares or mentions all keys of the settings, on any cloud", () => {
      const known = CLOUDS.flatMap((cloud) => {
        const [problem = ""] = problemsOf({ ...required(cloud), nonsense: "1" });
        const [, keys = ""] = /Known here: ([^.]+)\./.exec(problem) ?? [];
        return keys.split(", ");
      });
      const [, names = ""] = /describes them: ([^.]+)\./.exec(text.replace(/\n +# /g, " ")) ?? [];
      assert.deepEqual(
        [...Object.keys(config), ...names.split(", ")].sort(),
        [...new Set(known)].sort(),
      );
    });

    for (const cloud of CLOUDS) {
      it(`declares the defaults of cloud ${cloud}`, () => {
        const { cloud: where, ...others } = config;
        assert.equal(where?.default, "local");
        const defaults = Object.entries(others).map(([key, declared]) => [key, declared.default]);
        for (const [key, value] of defaults) {
          assert.notEqual(value, undefined, `${key} has no default`);
        }
        assert.deepEqual(
          parseSettings({ ...required(cloud), ...pulumiConfig(Object.fromEntries(defaults)) }),
          parseSettings(required(cloud)),
        );
      });
    }

    it("describes each, in terms that the settings accept", () => {
      for (const [key, { description }] of Object.entries(config)) {
        assert.ok(description.length > 20, `${key}: ${description}`);
        const example = /: ([{[].*[}\]])|, or (\{.*\})/.exec(description);
        const given = example?.[1] ?? example?.[2];
        if (given === undefined) continue;
        const value = JSON.stringify(parse(given))
          .replaceAll('"web.yml"', JSON.stringify(FILE))
          .replaceAll('"install.sh"', JSON.stringify(script));
        assert.doesNotThrow(
          () => parseSettings({ storage: "hdfs", [key]: value }),
          `${key}: ${given}`,
        );
      }
    });
  });
});
