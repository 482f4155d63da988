import assert from "node:assert/strict";
import type { LocalSettings } from "../../../program/clouds/local/settings";
import { parseSettings } from "../../../program/settings/settings";
import { FILE, pulumiConfig } from "./config";

const DEFAULTS: LocalSettings = {
  cloud: "local",
  workers: { count: 2, cpus: 1, memory: 2048 },
  manager: { cpus: 1, memory: 3072 },
  stacks: [],
  bootstrap: [],
  spark: { packages: [], pip: [], allocation: "shared", conf: {}, tables: "parquet" },
  storage: { replication: 2, reserved: 5 },
  notebook: false,
  connect: false,
  sql: false,
  livy: false,
  monitoring: false,
  lifetime: {},
};

describe("settings", () => {
  describe("accepted values", () => {
    it("none: every default applies", () => {
      assert.deepEqual(parseSettings({}), DEFAULTS);
    });

    const accepted: [given: Record<string, unknown>, expected: Partial<LocalSettings>][] = [
      [{ workers: 3 }, { workers: { count: 3, cpus: 1, memory: 2048 } }],
      [{ workers: {} }, { workers: DEFAULTS.workers }],
      [{ workers: { count: 5 } }, { workers: { count: 5, cpus: 1, memory: 2048 } }],
      [{ workers: { memory: 4096 } }, { workers: { count: 2, cpus: 1, memory: 4096 } }],
      [
        { workers: { count: 1, cpus: 0.5, memory: 2048 } },
        { workers: { count: 1, cpus: 0.5, memory: 2048 } },
      ],
      [{ workers: 100 }, { workers: { count: 100, cpus: 1, memory: 2048 } }],
      [{ manager: { cpus: 2 } }, { manager: { cpus: 2, memory: 3072 } }],
      [{ manager: { memory: 2048 } }, { manager: { cpus: 1, memory: 2048 } }],
      // The result of `pulumi config set --path manager.cpus 1.5` in the stack's file.
      [{ manager: { cpus: "1.5", memory: "4096" } }, { manager: { cpus: 1.5, memory: 4096 } }],
      [{ cloud: "local" }, { cloud: "local" }],
      [{ stacks: [] }, { stacks: [] }],
    ];
    for (const [given, expected] of accepted) {
      it(JSON.stringify(given), () => {
        assert.deepEqual(parseSettings(pulumiConfig(given)), { ...DEFAULTS, ...expected });
      });
    }

    it("the user's stacks", () => {
      const stacks = [
        { name: "web", file: FILE },
        { name: "a2345678901234567890123456789-", file: FILE },
      ];
      assert.deepEqual(parseSettings(pulumiConfig({ stacks })).stacks, stacks);
    });

    it("stacks with variables, a time limit and a registry", () => {
      const registry = { server: "localhost:5000", username: "me", password: "t" };
      const stack = { name: "web", file: FILE, registry };
      const given = { ...stack, env: { TAG: 16, DEBUG: true, NAME: "x" }, timeout: "10m" };
      assert.deepEqual(parseSettings(pulumiConfig({ stacks: [given] })).stacks, [
        { ...stack, env: { TAG: "16", DEBUG: "true", NAME: "x" }, timeout: 600 },
      ]);
    });
  });
});
