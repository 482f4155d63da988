import assert from "node:assert/strict";
import { FILE, problemsOf, pulumiConfig } from "./config";

describe("settings", () => {
  describe("refused values", () => {
    const count = /a whole number from 1 to 100 \(more is untested\)/;
    const memory = /a whole number of MB, 2048 or more/;
    const cpus = /a number, 0\.1 or more/;
    const object = /an object such as \{/;
    const list = /a list such as \[\{name: web, file: web.yml\}\]/;
    const name = /at most 30 lower-case letters, digits and '-', beginning with a letter/;
    const path = /the path of a file, relative to the folder of Pulumi.yaml/;

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
          { stacks: [{ name: wrong, file: FILE }] },
          "stacks[0].name",
          JSON.stringify(wrong),
          name,
          "pulumi config set --path 'stacks[0].name' my-stack",
        ],
      ),
      ...["spark", "bastion"].map(
        (taken): [Record<string, unknown>, string, string, RegExp, string] => [
          { stacks: [{ name: taken, file: FILE }] },
          "stacks[0].name",
          JSON.stringify(taken),
          /a name other than the cluster's own: spark, bastion, notebook, connect, sql, livy, monitoring/,
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
          { stacks: [{ name: "web", file: FILE, timeout }] },
          "stacks[0].timeout",
          JSON.stringify(timeout),
          /a duration from a minute to a day, such as 10m/,
          "pulumi config set --path 'stacks[0].timeout' 10m",
        ],
      ),
      [
        { stacks: [{ name: "web", file: FILE, env: ["A=secret"] }] },
        "stacks[0].env",
        "a value",
        /an object of variables/,
        "pulumi config rm 'stacks'",
      ],
      [
        { stacks: [{ name: "web", file: FILE, env: { A: { secret: 1 } } }] },
        "stacks[0].env.A",
        "a value",
        /a text/,
        "pulumi config rm 'stacks'",
      ],
      [
        { stacks: [{ name: "web", file: FILE, registry: "ghcr.io" }] },
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
              file: FILE,
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
              file: FILE,
              registry: { server: "a", username: "b", password: "c d" },
            },
          ],
        },
        "stacks[0].registry.password",
        "a value",
        /a text without spaces/,
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
        { stacks: [{ file: FILE }] },
        "stacks[0].name",
        "nothing",
        name,
        "pulumi config set --path 'stacks[0].name' my-stack",
      ],
      [
        { stacks: ["a", "b", "a"].map((same) => ({ name: same, file: FILE })) },
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
          problem.endsWith(`. ${/ rm /.test(hint) ? "Remove" : "Set"} it with: ${hint}`),
          problem,
        );
        assert.doesNotMatch(problem, /Invalid input|undefined|\[object/);
      });
    }
  });
});
