import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { LocalSettings } from "../../../program/clouds/local/settings";
import { parseSettings } from "../../../program/settings/settings";
import { problemsOf, pulumiConfig } from "./config";

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
  let folder: string;
  let file: string;
  let script: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
    file = join(folder, "web.yml");
    writeFileSync(file, "services: {}");
    script = join(folder, "install.sh");
    writeFileSync(script, "#!/bin/sh\n");
  });
  after(() => rmSync(folder, { recursive: true }));

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
        { name: "web", file },
        { name: "a2345678901234567890123456789-", file },
      ];
      assert.deepEqual(parseSettings(pulumiConfig({ stacks })).stacks, stacks);
    });

    it("stacks with variables, a time limit and a registry", () => {
      const registry = { server: "localhost:5000", username: "me", password: "t" };
      const stack = { name: "web", file, registry };
      const given = { ...stack, env: { TAG: 16, DEBUG: true, NAME: "x" }, timeout: "10m" };
      assert.deepEqual(parseSettings(pulumiConfig({ stacks: [given] })).stacks, [
        { ...stack, env: { TAG: "16", DEBUG: "true", NAME: "x" }, timeout: 600 },
      ]);
    });
  });

  describe("refused values", () => {
    const count = /a whole number from 1 to 100 \(more was never tried\)/;
    const memory = /a whole number of MB, 2048 at the least/;
    const cpus = /a number, 0\.1 at the least/;
    const object = /an object such as \{/;
    const list = /a list such as \[\{name: web, file: web.yml\}\]/;
    const name = /lower-case letters, digits and '-', a letter first, 30 at the most/;
    const path = /the path of a file, as seen from the folder of Pulumi.yaml/;

    const refused: [
      given: Record<string, unknown>,
      key: string,
      value: string,
      allowed: RegExp,
      hint: string,
    ][] = [
      [{ cloud: "gcp" }, "cloud", '"gcp"', /one of: local/, "pulumi config set 'cloud' local"],
      [{ cloud: "Local" }, "cloud", '"Local"', /one of: local/, "pulumi config set 'cloud' local"],
      [{ cloud: 1 }, "cloud", "1", /one of: local/, "pulumi config set 'cloud' local"],
      // The number form: the key of the configuration, not the key that it is read as.
      [{ workers: "three" }, "workers", '"three"', count, "pulumi config set 'workers' 2"],
      [{ workers: "" }, "workers", '""', count, "pulumi config set 'workers' 2"],
      [{ workers: 0 }, "workers", "0", count, "pulumi config set 'workers' 2"],
      [{ workers: -1 }, "workers", "-1", count, "pulumi config set 'workers' 2"],
      [{ workers: 1.5 }, "workers", "1.5", count, "pulumi config set 'workers' 2"],
      [{ workers: 101 }, "workers", "101", count, "pulumi config set 'workers' 2"],
      [{ workers: true }, "workers", "true", count, "pulumi config set 'workers' 2"],
      [
        { workers: "{count: 2}" },
        "workers",
        '"{count: 2}"',
        count,
        "pulumi config set 'workers' 2",
      ],
      [{ workers: [2] }, "workers", "[2]", object, "pulumi config set 'workers' 2"],
      [{ workers: null }, "workers", "null", object, "pulumi config set 'workers' 2"],
      [
        { workers: { count: 0 } },
        "workers.count",
        "0",
        count,
        "pulumi config set --path 'workers.count' 2",
      ],
      [
        { workers: { count: "two" } },
        "workers.count",
        '"two"',
        count,
        "pulumi config set --path 'workers.count' 2",
      ],
      [
        { workers: { count: 2, memory: "2g" } },
        "workers.memory",
        '"2g"',
        memory,
        "pulumi config set --path 'workers.memory' 2048",
      ],
      [
        { workers: { memory: 2047 } },
        "workers.memory",
        "2047",
        memory,
        "pulumi config set --path 'workers.memory' 2048",
      ],
      [
        { workers: { memory: 2048.5 } },
        "workers.memory",
        "2048.5",
        memory,
        "pulumi config set --path 'workers.memory' 2048",
      ],
      [
        { workers: { cpus: 0.05 } },
        "workers.cpus",
        "0.05",
        cpus,
        "pulumi config set --path 'workers.cpus' 1",
      ],
      [
        { workers: { cpus: null } },
        "workers.cpus",
        "null",
        cpus,
        "pulumi config set --path 'workers.cpus' 1",
      ],
      [{ manager: 2 }, "manager", "2", object, "pulumi config rm 'manager'"],
      [
        { manager: { cpus: -1 } },
        "manager.cpus",
        "-1",
        cpus,
        "pulumi config set --path 'manager.cpus' 1",
      ],
      [
        { manager: { memory: 3 } },
        "manager.memory",
        "3",
        memory,
        "pulumi config set --path 'manager.memory' 3072",
      ],
      [{ stacks: "web.yml" }, "stacks", '"web.yml"', list, "pulumi config rm 'stacks'"],
      [{ stacks: { name: "web" } }, "stacks", '{"name":"web"}', list, "pulumi config rm 'stacks'"],
      [{ stacks: ["web.yml"] }, "stacks[0]", '"web.yml"', object, "pulumi config rm 'stacks'"],
      ...["Web", "2web", "my web", "my_web", "a".repeat(31), ""].map(
        (wrong): [Record<string, unknown>, string, string, RegExp, string] => [
          { stacks: [{ name: wrong, file: __filename }] },
          "stacks[0].name",
          JSON.stringify(wrong),
          name,
          "pulumi config set --path 'stacks[0].name' my-stack",
        ],
      ),
      ...["spark", "bastion"].map(
        (taken): [Record<string, unknown>, string, string, RegExp, string] => [
          { stacks: [{ name: taken, file: __filename }] },
          "stacks[0].name",
          JSON.stringify(taken),
          /another name than the cluster's own: spark, bastion, notebook, connect, sql, livy, monitoring/,
          "pulumi config set --path 'stacks[0].name' my-stack",
        ],
      ),
      [
        { stacks: [{ name: "web", file: "no-such-file.yml" }] },
        "stacks[0].file",
        '"no-such-file.yml"',
        path,
        "pulumi config set --path 'stacks[0].file' my-stack.yml",
      ],
      [
        { stacks: [{ name: "web", file: __dirname }] },
        "stacks[0].file",
        JSON.stringify(__dirname),
        path,
        "pulumi config set --path 'stacks[0].file' my-stack.yml",
      ],
      ...["10", "30s", "2d", "soon"].map(
        (timeout): [Record<string, unknown>, string, string, RegExp, string] => [
          { stacks: [{ name: "web", file: __filename, timeout }] },
          "stacks[0].timeout",
          JSON.stringify(timeout),
          /a duration from a minute to a day, such as 10m/,
          "pulumi config set --path 'stacks[0].timeout' 10m",
        ],
      ),
      [
        { stacks: [{ name: "web", file: __filename, env: ["A=secret"] }] },
        "stacks[0].env",
        "a value",
        /an object of variables/,
        "pulumi config rm 'stacks'",
      ],
      [
        { stacks: [{ name: "web", file: __filename, env: { A: { secret: 1 } } }] },
        "stacks[0].env.A",
        "a value",
        /a text/,
        "pulumi config rm 'stacks'",
      ],
      [
        { stacks: [{ name: "web", file: __filename, registry: "ghcr.io" }] },
        "stacks[0].registry",
        "a value",
        /an object such as \{server: ghcr\.io/,
        "pulumi config rm 'stacks'",
      ],
      [
        {
          stacks: [
            {
              name: "web",
              file: __filename,
              registry: { server: "https://ghcr.io", username: "a", password: "b" },
            },
          ],
        },
        "stacks[0].registry.server",
        '"https://ghcr.io"',
        /the host of a registry, such as ghcr\.io/,
        "pulumi config set --path 'stacks[0].registry.server' ghcr.io",
      ],
      [
        {
          stacks: [
            {
              name: "web",
              file: __filename,
              registry: { server: "a", username: "b", password: "c d" },
            },
          ],
        },
        "stacks[0].registry.password",
        "a value",
        /a text without blanks/,
        "pulumi config set --path 'stacks[0].registry.password' TOKEN",
      ],
      [
        { stacks: [{ name: "web" }] },
        "stacks[0].file",
        "nothing",
        path,
        "pulumi config set --path 'stacks[0].file' my-stack.yml",
      ],
      [
        { stacks: [{ file: __filename }] },
        "stacks[0].name",
        "nothing",
        name,
        "pulumi config set --path 'stacks[0].name' my-stack",
      ],
      [
        { stacks: ["a", "b", "a"].map((same) => ({ name: same, file: __filename })) },
        "stacks[2].name",
        '"a"',
        /another name: two stacks are called 'a'/,
        "pulumi config set --path 'stacks[2].name' my-stack",
      ],
    ];
    for (const [given, key, value, allowed, hint] of refused) {
      it(JSON.stringify(given), () => {
        const problems = problemsOf(pulumiConfig(given));
        assert.equal(problems.length, 1, problems.join("\n"));
        const [problem = ""] = problems;
        assert.ok(problem.startsWith(`${key}: ${value} was given; it must be `), problem);
        assert.match(problem, allowed);
        assert.ok(
          problem.endsWith(`. ${/ rm /.test(hint) ? "Remove" : "Set"} it by: ${hint}`),
          problem,
        );
        assert.doesNotMatch(problem, /Invalid input|undefined|\[object/);
      });
    }
  });

  describe("unknown keys", () => {
    const top =
      "cloud, workers, manager, stacks, bootstrap, spark, notebook, connect, sql, livy, s3, monitoring, storage, lifetime";
    const unknown: [
      given: Record<string, unknown>,
      key: string,
      meant: string | undefined,
      known: string,
      hint: string,
    ][] = [
      [{ wokers: 3 }, "wokers", "'workers'", top, "pulumi config rm 'wokers'"],
      [{ Workers: 3 }, "Workers", "'workers'", top, "pulumi config rm 'Workers'"],
      [{ stack: [] }, "stack", "'stacks'", top, "pulumi config rm 'stack'"],
      [{ master: {} }, "master", "'manager'", top, "pulumi config rm 'master'"],
      [{ frobnicate: 1 }, "frobnicate", undefined, top, "pulumi config rm 'frobnicate'"],
      [{ valueOf: 1 }, "valueOf", undefined, top, "pulumi config rm 'valueOf'"],
      // Set without --path. With it, `rm` would succeed and remove nothing.
      [
        { "workers.count": 3 },
        "workers.count",
        "--path 'workers.count'",
        top,
        "pulumi config rm 'workers.count'",
      ],
      [
        { memory: 4096 },
        "memory",
        "--path 'workers.memory' or --path 'manager.memory' or --path 'notebook.memory' or --path 'sql.memory' or --path 'livy.memory'",
        top,
        "pulumi config rm 'memory'",
      ],
      [
        { workers: { count: 2, memry: 2048 } },
        "workers.memry",
        "'memory'",
        "count, cpus, memory",
        "pulumi config rm --path 'workers.memry'",
      ],
      [
        { manager: { cpu: 2 } },
        "manager.cpu",
        "'cpus'",
        "cpus, memory",
        "pulumi config rm --path 'manager.cpu'",
      ],
      [
        { manager: { mem: 2 } },
        "manager.mem",
        "'memory'",
        "cpus, memory",
        "pulumi config rm --path 'manager.mem'",
      ],
      [
        { manager: { count: 2 } },
        "manager.count",
        undefined,
        "cpus, memory",
        "pulumi config rm --path 'manager.count'",
      ],
      [
        { stacks: [{ name: "web", file: __filename, files: [] }] },
        "stacks[0].files",
        "'file'",
        "name, file, env, timeout, registry",
        "pulumi config rm --path 'stacks[0].files'",
      ],
    ];
    for (const [given, key, meant, known, hint] of unknown) {
      it(JSON.stringify(given), () => {
        const question = meant ? `; did you mean ${meant}?` : ".";
        assert.deepEqual(problemsOf(pulumiConfig(given)), [
          `${key}: there is no such key${question} Known here: ${known}. Remove it by: ${hint}`,
        ]);
      });
    }
  });

  it("every problem is reported at once", () => {
    const problems = problemsOf(
      pulumiConfig({
        wokers: 3,
        workers: { count: 0, memory: "2g", disk: 10 },
        manager: { cpus: 0 },
        stacks: [
          { name: "web", file },
          { name: "web", file: "no-such-file.yml", port: 80 },
          { name: "Bad", file },
        ],
      }),
    );
    assert.deepEqual(problems.map((problem) => problem.split(":")[0]).sort(), [
      "manager.cpus",
      "stacks[1].file",
      "stacks[1].name",
      "stacks[1].port",
      "stacks[2].name",
      "wokers",
      "workers.count",
      "workers.disk",
      "workers.memory",
    ]);
  });

  it("an unknown cloud is reported alone, since the other settings depend on it", () => {
    const problems = problemsOf({ cloud: "gcp", wokers: "3", workers: "0" });
    assert.deepEqual(problems, [
      `cloud: "gcp" was given; it must be one of: local, digitalocean, aws. Set it by: pulumi config set 'cloud' local`,
    ]);
  });

  it("the number of problems is reported", () => {
    assert.throws(() => parseSettings({ workers: "0" }), /has a problem:\n/);
    assert.throws(() => parseSettings({ wokers: "3", workers: "0" }), /has 2 problems:\n/);
  });

  it("the commands in the messages fix the problems", () => {
    const repaired = pulumiConfig({
      cloud: "local",
      workers: { count: 2, cpus: 1, memory: 2048 },
      manager: { cpus: 1, memory: 3072 },
    });
    assert.deepEqual(parseSettings(repaired), DEFAULTS);
    const wrong = pulumiConfig({
      workers: { count: "x", cpus: "x", memory: "x" },
      manager: { cpus: "x", memory: "x" },
    });
    for (const problem of problemsOf(wrong)) {
      const [, path = "", value = ""] =
        /Set it by: pulumi config set (?:--path )?'([^']+)' (\S+)$/.exec(problem) ?? [];
      const [key = "", part] = path.split(".");
      const only = part ? JSON.stringify({ [part]: value }) : value;
      assert.doesNotThrow(() => parseSettings({ [key]: only }), problem);
    }
  });

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
          .replaceAll('"web.yml"', JSON.stringify(file))
          .replaceAll('"install.sh"', JSON.stringify(script));
        assert.doesNotThrow(
          () => parseSettings({ storage: "hdfs", [key]: value }),
          `${key}: ${given}`,
        );
      }
    });
  });
});
