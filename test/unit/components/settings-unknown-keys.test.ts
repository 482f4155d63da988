import assert from "node:assert/strict";
import { FILE, problemsOf, pulumiConfig } from "./config";

describe("settings", () => {
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
        { stacks: [{ name: "web", file: FILE, files: [] }] },
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
          `${key}: there is no such key${question} Known here: ${known}. Remove it with: ${hint}`,
        ]);
      });
    }
  });
});
