import { equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLines } from "./harness/leftovers";
import { pause, run } from "./harness/programs";
import { environment, repository, Stack } from "./harness/stack";

const SECRET = "a-secret-key-that-nobody-sees";

describe("A clone of a stack", function () {
  this.timeout("25m");
  let stack: Stack;
  const copy = new Stack("clone-copy");
  const file = ({ name }: Stack) => join(repository, `Pulumi.${name}.yaml`);

  before("a stack with a secret", async () => {
    const config = {
      "workers.count": "3",
      "workers.memory": "4096",
      "s3.accessKey": "an-access-key",
    };
    stack = await new Stack("clone").create(config, { "s3.secretKey": SECRET });
  });
  after(async () => {
    await copy.destroy();
    await stack.destroy();
  });

  const clone = (variables: NodeJS.ProcessEnv = {}, ...options: string[]) =>
    run(
      [
        ...[process.execPath, join(repository, "cli/spark-swarm.js"), "clone"],
        ...["--from", stack.name, "--to", copy.name, ...options],
      ],
      { env: { ...environment, ...variables }, cwd: repository, seconds: 60 },
    );

  it("is not left half-created when the secrets cannot be read", async () => {
    const { status, output } = await clone({ PULUMI_CONFIG_PASSPHRASE: "another" });
    equal(status, 77, output);
    match(output, /cannot decrypt the stack's secrets: set PULUMI_CONFIG_PASSPHRASE/);
    ok(!existsSync(file(copy)));
    ok(!(await stack.pulumi(["stack", "ls"])).includes(copy.name));
  });

  it("has its settings on another cloud, with its secrets encrypted again and shown nowhere", async () => {
    const seen = new Set<string>();
    let over = false;
    const watch = (async () => {
      while (!over) {
        for (const { commandLine } of commandLines()) seen.add(commandLine);
        await pause(20);
      }
    })();
    const { status, output } = await clone({}, "--cloud", "aws");
    over = true;
    await watch;
    equal(status, 0, output);
    copy.adopt();
    match(output, /workers: size t3\.medium, instead of memory 4096/);
    match(output, /pulumi config set --stack \S+ --path 'access\.allowFrom\[0\]'/);

    const config = await copy.pulumi(["config", "--json", "--show-secrets"]);
    const values = JSON.parse(config) as Record<string, { objectValue?: unknown; value: string }>;
    equal(values["spark-swarm:cloud"]?.value, "aws");
    equal(values["spark-swarm:workers"]?.value, '{"count":3,"size":"t3.medium"}');
    ok(values["spark-swarm:s3"]?.value.includes(SECRET));

    const [text = "", former = ""] = [copy, stack].map((one) => readFileSync(file(one), "utf8"));
    const cipher = (of: string) => /secure: (\S+)/.exec(of)?.[1];
    ok(cipher(text) && cipher(text) !== cipher(former));
    ok([...seen].some((line) => line.includes("--copy-config-from")));
    for (const place of [output, text, ...seen]) ok(!place.includes(SECRET), place);
  });

  it("does not replace another stack", async () => {
    const before = readFileSync(file(copy), "utf8");
    const { status, output } = await clone();
    equal(status, 1);
    match(output, new RegExp(`Stack ${copy.name} already exists`));
    equal(readFileSync(file(copy), "utf8"), before);
  });
});
