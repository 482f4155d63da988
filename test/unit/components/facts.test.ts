import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FOLDERS, PORTS, SPARK_USER } from "../../../components/facts";
import { pinned } from "../../../components/ssh-options";

const repository = join(__dirname, "../../..");
/** Scripts, Dockerfiles and configuration, which cannot import the facts. */
const files = execFileSync("git", ["ls-files", "components", "images", "cli"], {
  cwd: repository,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => name && !/\.(ts|json|ipynb)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(repository, name), "utf8") }));

/** All matches of a pattern, each with the file that has it. */
function found(pattern: RegExp): { name: string; match: RegExpMatchArray }[] {
  const all = files.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ name, match })),
  );
  assert.notEqual(all.length, 0);
  return all;
}

describe("facts that shell scripts and images repeat", () => {
  it("the user of Spark", () => {
    for (const { name, match } of found(
      /(?:--[re]?uid|--[re]?gid|--group|chown(?: -R)?|-[og]) (\d\d+)(?::(\d+))?/g,
    )) {
      // Prometheus and its exporter have their own user.
      if (name.startsWith("images/monitoring/")) continue;
      const [, user, group = user] = match;
      assert.deepEqual([user, group], [SPARK_USER, SPARK_USER], `${name}: ${match[0]}`);
    }
  });

  it("folders of hosts", () => {
    const known = Object.values<string>(FOLDERS);
    for (const { name, match } of found(/\/var\/lib\/spark\/(\{[a-z,]+\}|[a-z]+)/g)) {
      for (const folder of (match[1] ?? "").replace(/[{}]/g, "").split(",")) {
        assert.ok(known.includes(`/var/lib/spark/${folder}`), `${name}: ${match[0]}`);
      }
    }
  });

  it("the ports of pages", () => {
    for (const { name, match } of found(
      new RegExp(`http://(${Object.keys(PORTS).join("|")}):(\\d+)`, "g"),
    )) {
      const [, service, port] = match;
      assert.equal(PORTS[service as keyof typeof PORTS], Number(port), `${name}: ${match[0]}`);
    }
  });

  it("the options of a connection with a pinned key", () => {
    const { UserKnownHostsFile: _, ...options } = pinned("");
    const [script] = files.filter(({ name }) => name === "components/on-host.sh");
    for (const option of Object.entries(options)) {
      assert.ok(script?.text.includes(`-o ${option.join("=")} `), option.join("="));
    }
  });
});
